"""Structural similarity."""

from __future__ import annotations

import numpy as np

from gansuite.metrics.luma import without_border

WINDOW = 11
DEVIATION = 1.5
K1, K2 = 0.01, 0.03


def ssim(a: np.ndarray, b: np.ndarray, *, peak: float = 1.0, border: int = 0) -> float:
    """Measure how alike two pictures are in structure.

    Args:
        a, b: of one shape, (..., height, width, channels), in [0, peak]: RGB, or brightness (`luma`).
        peak: the largest value there can be.
        border: pixels at each edge that do not count.

    Returns:
        The mean over all places and channels where the Gaussian window (11 × 11, deviation 1.5) fits, at most
        1.

    Raises:
        ValueError: the shapes differ, or the window does not fit.

    Source: Wang et al. 2004, doi:10.1109/TIP.2003.819861, eq. 13, with the window and constants of section
    III-C.
    """
    if a.shape != b.shape:
        raise ValueError(f"pictures of different shapes: {a.shape} and {b.shape}")
    one, other = (np.asarray(without_border(picture, border), np.float64) for picture in (a, b))
    if min(one.shape[-3:-1]) < WINDOW:
        raise ValueError(f"pictures of {one.shape[-3]} × {one.shape[-2]} are smaller than the window")
    mean_one, mean_other = _smooth(one), _smooth(other)
    variance_one = _smooth(one * one) - mean_one**2
    variance_other = _smooth(other * other) - mean_other**2
    covariance = _smooth(one * other) - mean_one * mean_other
    c1, c2 = (K1 * peak) ** 2, (K2 * peak) ** 2
    brightness = (2 * mean_one * mean_other + c1) / (mean_one**2 + mean_other**2 + c1)
    structure = (2 * covariance + c2) / (variance_one + variance_other + c2)
    return float(np.mean(brightness * structure))


def _smooth(pictures: np.ndarray) -> np.ndarray:
    """The weighted mean of every window that fits; a Gaussian is done along one axis after the other."""
    places = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-(places**2) / (2 * DEVIATION**2))
    for axis in (-3, -2):
        fits = pictures.shape[axis] - WINDOW + 1
        smoothed = np.zeros([*pictures.shape[:axis], fits, *pictures.shape[axis + 1 :]])
        # Term by term: all of them together would be eleven times as large as the pictures.
        for start, weight in enumerate(weights / weights.sum()):
            smoothed += weight * pictures.take(range(start, start + fits), axis=axis)
        pictures = smoothed
    return pictures
