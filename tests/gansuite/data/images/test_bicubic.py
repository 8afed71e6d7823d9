"""Bicubic interpolation equals MATLAB's."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gansuite.data.images.bicubic import enlarge, matrix, phases, resize, shrink

RNG = np.random.default_rng(0)


def test_a_matrix_enlarges_as_matlab_does() -> None:
    """The example of MATLAB Answers 1628: imresize(A, 2, 'bicubic'), first and last row."""
    given = np.array([[3, 1, 2, 6], [1, 5, 2, 7], [1, 3, 6, 2], [4, 1, 9, 2]], float)
    double = matrix(4, 8, Fraction(2))
    enlarged = double @ given @ double.T
    expected = [
        [3.3109, 2.6187, 1.1206, 0.7166, 1.4067, 2.8883, 5.1615, 6.2060],
        [4.4466, 3.3344, 0.9529, 2.4891, 7.9430, 8.3334, 3.6605, 1.4930],
    ]
    np.testing.assert_allclose(enlarged[[0, -1]], expected, atol=5e-5)


def test_published_small_pictures_are_those_shrunk_from_the_large_ones(shared_data: Path) -> None:
    files = sorted((shared_data / "set5" / "x4").glob("*_HR.png"))
    assert len(files) == 5
    for file in files:
        with (
            Image.open(file) as large,
            Image.open(file.with_name(file.name.replace("_HR", "_LR"))) as small,
        ):
            np.testing.assert_array_equal(shrink(np.asarray(large), 4), np.asarray(small))


@pytest.mark.parametrize("times", [2, 3, 4, 8])
def test_one_colour_stays_and_sizes_are_multiples(times: int) -> None:
    pixels = np.full((times * 3, times * 5, 3), 77, np.uint8)
    small = shrink(pixels, times)
    assert small.shape == (3, 5, 3)
    np.testing.assert_array_equal(enlarge(small, times), pixels)


@pytest.mark.parametrize("scale", [Fraction(4), Fraction(1, 4), Fraction(3, 2), Fraction(2, 7)])
def test_a_picture_is_the_product_with_two_matrices(scale: Fraction) -> None:
    pixels = RNG.integers(64, 192, (13, 22, 3), np.uint8)  # so that nothing is clipped on the way
    resized = resize(pixels, scale)
    height, width = resized.shape[:2]
    tall, wide = matrix(13, height, scale), matrix(22, width, scale)
    product = np.einsum("yi,ijc,xj->yxc", tall, pixels.astype(float), wide)
    assert np.abs(product.clip(0, 255) - resized).max() < 1.5  # one is rounded between the axes
    np.testing.assert_allclose(tall.sum(axis=1), 1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 3)])
def test_the_smallest_pictures_are_enlarged(shape: tuple[int, int]) -> None:
    pixels = RNG.integers(0, 256, (*shape, 3), np.uint8)
    large = enlarge(pixels, 4)
    assert large.shape == (shape[0] * 4, shape[1] * 4, 3)
    if shape == (1, 1):
        np.testing.assert_array_equal(large, np.broadcast_to(pixels, large.shape))


@pytest.mark.parametrize("times", [2, 3, 4, 8])
def test_phases_are_the_rows_of_the_matrix_in_its_middle(times: int) -> None:
    length, at = 9, 4
    rows = matrix(length, length * times, Fraction(times))[at * times : (at + 1) * times]
    np.testing.assert_allclose(phases(times), rows[:, at - 2 : at + 3], atol=1e-12)
    assert not rows[:, : at - 2].any()
    assert not rows[:, at + 3 :].any()
