"""Figures of quality against known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import sqrtm

from gansuite.metrics import manifold
from gansuite.metrics.duplicates import duplicate_share
from gansuite.metrics.frechet import frechet_distance
from gansuite.metrics.kernel import kernel_distance
from gansuite.metrics.manifold import precision_and_recall

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


def test_kernel_distance_is_the_unbiased_estimate_of_its_definition() -> None:
    """All pairs written out, for one subset that holds every row."""
    a, b = RNG.normal(size=(6, 3)), RNG.normal(1, 1, size=(6, 3))

    def kernel(x: np.ndarray, y: np.ndarray) -> float:
        return float((x @ y / 3 + 1) ** 3)

    within = sum(kernel(s[i], s[j]) for s in (a, b) for i in range(6) for j in range(6) if i != j) / 30
    between = sum(kernel(x, y) for x in a for y in b) / 36
    mean, deviation = kernel_distance(a, b, subsets=1)
    assert mean == pytest.approx(within - 2 * between)
    assert deviation == 0


def test_kernel_distance_of_two_samples_of_one_distribution_is_about_0() -> None:
    a, b = RNG.normal(size=(2000, 8)), RNG.normal(size=(2000, 8))
    assert abs(kernel_distance(a, b, subsets=20, size=500)[0]) < 0.01
    assert kernel_distance(a, b + 1, subsets=20, size=500)[0] > 1
    assert math.isnan(kernel_distance(a, b[:1])[0])


def test_precision_and_recall_tell_missing_modes_from_wrong_ones() -> None:
    real = np.concatenate([RNG.normal(size=(200, 2)), RNG.normal(size=(200, 2)) + 50])
    one_mode = RNG.normal(size=(400, 2))
    precision, recall = precision_and_recall(real, one_mode)
    assert precision > 0.9
    assert recall == pytest.approx(0.5, abs=0.05)
    precision, recall = precision_and_recall(one_mode, real)
    assert precision == pytest.approx(0.5, abs=0.05)
    assert recall > 0.9


def test_precision_and_recall_of_many_rows_look_at_some_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real ones come sorted by class, generated ones do not."""
    monkeypatch.setattr(manifold, "MOST", 300)
    real = np.concatenate([RNG.normal(size=(300, 2)), RNG.normal(size=(300, 2)) + 50])
    fake = np.concatenate([RNG.normal(size=(300, 2)), RNG.normal(size=(300, 2)) + 50])[RNG.permutation(600)]
    assert min(precision_and_recall(real, fake)) > 0.9


def test_precision_is_that_of_balls_around_the_rows() -> None:
    """On a line at 0, 1, 3 with k = 1 the balls reach 1, 1 and 2: from -1 to 5."""
    real, fake = np.array([[0.0], [1.0], [3.0]]), np.array([[-0.9], [4.9], [5.1], [-1.1]])
    assert precision_and_recall(real, fake, neighbours=1)[0] == 0.5
