"""Brightness as MATLAB's `rgb2ycbcr` gives it: what figures of super-resolution are measured on."""

from __future__ import annotations

import numpy as np

WEIGHTS = (65.481, 128.553, 24.966)
BLACK = 16.0


def luma(pictures: np.ndarray, *, peak: float = 1.0) -> np.ndarray:
    """Return the brightness of pictures.

    Args:
        pictures: RGB in [0, peak], (..., height, width, 3).
        peak: 1 or 255.

    Returns:
        float64 (..., height, width, 1): Y = (16 + 65.481 R + 128.553 G + 24.966 B) · peak / 255 with R, G and
        B in [0, 1], so between 16 and 235 where the peak is 255. It is not rounded.

    Source: ITU-R BT.601-7, section 2.5.
    """
    scaled = np.asarray(pictures, np.float64) / peak
    brightness: np.ndarray = (BLACK + scaled @ np.array(WEIGHTS)[:, None]) * (peak / 255.0)
    return brightness


def without_border(pictures: np.ndarray, border: int) -> np.ndarray:
    """Return pictures, (..., height, width, channels), without so many pixels at each edge.

    Raises:
        ValueError: nothing would be left.
    """
    height, width = pictures.shape[-3:-1]
    if border < 0 or min(height, width) <= 2 * border:
        raise ValueError(f"a picture of {height} × {width} has no {border} pixels to spare at each edge")
    return pictures[..., border : height - border, border : width - border, :]
