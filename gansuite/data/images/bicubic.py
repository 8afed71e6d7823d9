"""Pictures enlarged and shrunk by bicubic interpolation, as MATLAB's `imresize` does it.

Most published figures of super-resolution are of pictures that were shrunk so: the kernel is widened when a
picture shrinks, and rows are computed from columns that were rounded to whole grey levels. Other libraries do
otherwise, which moves a figure by up to two decibels. Beyond its edges a picture is continued with its
outermost pixels, as when the published test sets were made; later versions of MATLAB mirror it there, which
changes the outermost two pixels.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

#: How far the kernel reaches to both sides.
REACH = 2


def cubic(distance: np.ndarray) -> np.ndarray:
    """Return the weight of a pixel at some distance, 0 from a distance of 2 on.

    Source: Keys 1981, doi:10.1109/TASSP.1981.1163711, eq. 15 (a = -1/2).
    """
    x = np.abs(distance)
    near = (1.5 * x - 2.5) * x**2 + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, near, np.where(x < REACH, far, 0.0))


def taps(length: int, new_length: int, scale: Fraction) -> tuple[np.ndarray, np.ndarray]:
    """Say which pixels each new pixel is made from.

    Args:
        length: how many pixels there are in a row.
        new_length: how many there will be.
        scale: the factor between the two grids; the first pixels' outer edges are at the same place.

    Returns:
        The pixels' positions, int64 (new_length, taps), and their weights, float64 of the same shape, which
        add up to 1 for each new pixel.
    """
    factor = float(scale)
    shrinking = min(factor, 1.0)
    centres = (np.arange(new_length) + 0.5) / factor - 0.5
    first = np.floor(centres - REACH / shrinking).astype(np.int64)
    positions = first[:, None] + np.arange(math.ceil(2 * REACH / shrinking) + 2)
    weights = shrinking * cubic(shrinking * (centres[:, None] - positions))
    weights /= weights.sum(axis=1, keepdims=True)
    used = weights.any(axis=0)
    return positions[:, used].clip(0, length - 1), weights[:, used]


def matrix(length: int, new_length: int, scale: Fraction) -> np.ndarray:
    """Return the same as a matrix, float64 (new_length, length): new pixels are its product with old ones."""
    positions, weights = taps(length, new_length, scale)
    dense = np.zeros((new_length, length))
    np.add.at(dense, (np.arange(new_length)[:, None], positions), weights)
    return dense


def resize(pixels: np.ndarray, scale: Fraction) -> np.ndarray:
    """Enlarge or shrink a picture.

    Args:
        pixels: uint8 (height, width, channels).
        scale: new sizes are the old ones times this, rounded up.

    Returns:
        uint8 (new height, new width, channels). Columns are done first and rounded, as MATLAB does.
    """
    for axis in (0, 1):
        length = pixels.shape[axis]
        resized = _along(pixels, axis, *taps(length, math.ceil(length * scale), scale))
        # MATLAB rounds halves up.
        pixels = np.floor(resized.clip(0, 255) + 0.5).astype(np.uint8)
    return pixels


def _along(pixels: np.ndarray, axis: int, positions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    shape = (-1, 1, 1) if axis == 0 else (1, -1, 1)
    # A tap at a time: nothing larger than the result is ever held.
    result = np.zeros(())
    for position, weight in zip(positions.T, weights.T, strict=True):
        result = result + weight.reshape(shape) * pixels.take(position, axis=axis)
    return result


def shrink(pixels: np.ndarray, times: int) -> np.ndarray:
    """Return a picture, uint8 (height, width, channels), at 1/times of its size."""
    return resize(pixels, Fraction(1, times))


def enlarge(pixels: np.ndarray, times: int) -> np.ndarray:
    """Return a picture, uint8 (height, width, channels), at so many times its size."""
    return resize(pixels, Fraction(times))


def phases(times: int) -> np.ndarray:
    """Return the weights that enlarging by a whole number takes between two pixels.

    Returns:
        float64 (times, 5): for each new pixel in the place of one old one, the weights of the old ones from
        two before it to two after.
    """
    positions, weights = taps(2 * REACH + 1, times * (2 * REACH + 1), Fraction(times))
    middle = slice(REACH * times, (REACH + 1) * times)
    kernel = np.zeros((times, 2 * REACH + 1))
    np.add.at(kernel, (np.arange(times)[:, None], positions[middle]), weights[middle])
    return kernel
