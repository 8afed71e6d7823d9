"""Figures of quality against known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import sqrtm

from gansuite_image.scoring import duplicate_share, frechet_distance

RNG = np.random.default_rng(0)


def test_frechet_distance_is_that_of_the_formula() -> None:
    a, b = RNG.normal(size=(500, 4)) @ RNG.normal(size=(4, 4)), RNG.normal(1, 2, size=(400, 4))
    root = sqrtm(np.cov(a, rowvar=False) @ np.cov(b, rowvar=False)).real
    traces = np.trace(np.cov(a, rowvar=False) + np.cov(b, rowvar=False) - 2 * root)
    expected = np.sum((a.mean(0) - b.mean(0)) ** 2) + traces
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6)


def test_frechet_distance_of_a_set_to_itself_is_0_and_of_a_shift_its_square() -> None:
    a = RNG.normal(size=(300, 3))
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-5)
    assert frechet_distance(a, a + np.array([3, 4, 0])) == pytest.approx(25, rel=1e-5)
    assert math.isnan(frechet_distance(a, a[:1]))


def test_duplicates_are_counted_in_pairs() -> None:
    pictures = RNG.uniform(size=(10, 64))
    assert duplicate_share(pictures) == 0
    pictures[3] = pictures[7] + 0.001
    assert duplicate_share(pictures) == pytest.approx(0.2)
    assert duplicate_share(np.zeros((5, 64))) == 1
    assert math.isnan(duplicate_share(pictures[:1]))
