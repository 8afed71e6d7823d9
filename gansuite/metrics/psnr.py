"""Peak signal-to-noise ratio."""

from __future__ import annotations

import math

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
