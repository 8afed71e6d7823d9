"""Peak signal-to-noise ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gansuite.metrics.luma import without_border


def psnr(a: np.ndarray, b: np.ndarray, *, peak: float = 1.0, border: int = 0) -> float:
    """Measure how much two pictures differ, in decibels.

    Args:
        a, b: of one shape, (..., height, width, channels), in [0, peak]: RGB, or brightness (`luma`).
        peak: the largest value there can be.
        border: pixels at each edge that do not count.

    Returns:
        10 · log₁₀(peak² / mean of (a − b)²); infinite where there is no difference. Of several pictures, that
        of all their pixels together.

    Raises:
        ValueError: the shapes differ, or nothing is left without the border.
    """
    if a.shape != b.shape:
        raise ValueError(f"pictures of different shapes: {a.shape} and {b.shape}")
    one, other = (np.asarray(without_border(picture, border), np.float64) for picture in (a, b))
    error = float(np.mean(np.square(one - other)))
    return 10.0 * math.log10(peak**2 / error) if error else math.inf


def mean_psnr(ratios: Sequence[float] | np.ndarray) -> tuple[float, str]:
    """Average the ratios of several pictures: one that is exact would make the mean of all infinite.

    Args:
        ratios: of one picture each, in decibels.

    Returns:
        The mean of those that are not infinite, infinite where there are no others; and what is to be said of
        exact pictures where the figure is explained: nothing, or some words that begin with a comma.
    """
    found = np.asarray(ratios, np.float64)
    exact = int(np.sum(found == math.inf))
    if not exact:
        return float(np.mean(found)), ""
    if exact == len(found):
        return math.inf, ", infinite since all are exact"
    one = "1 exact one" if exact == 1 else f"{exact} exact ones"
    return float(np.mean(found[found != math.inf])), f", {one} left out"
