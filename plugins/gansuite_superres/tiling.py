"""Large pictures enlarged piece by piece, with the result of the whole.

A pixel of the result depends on no more than the small picture's pixels within the network's reach. A piece
that is given with that much around it comes out as it would in the whole; where the picture ends, the piece
ends with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gansuite.data.images.drawing import to_pixels

#: Enlarges pictures, float32 (1, h, w, 3) in [0, 1].
Enlarge = Callable[[np.ndarray], np.ndarray]
#: Height and width of a piece, without what is around it.
SIDE = 192


def enlarge_in_pieces(
    pixels: np.ndarray, enlarge: Enlarge, *, scale: int, reach: int, side: int = SIDE
) -> np.ndarray:
    """Enlarge a picture of any size with bounded memory.

    Args:
        pixels: uint8 (height, width, 3).
        enlarge: what enlarges a piece.
        scale: how many times.
        reach: how many pixels around a piece decide what becomes of it.
        side: height and width of a piece.

    Returns:
        uint8 (scale · height, scale · width, 3), the same as of the whole picture up to rounding.
    """
    height, width = pixels.shape[:2]
    result = np.empty((height * scale, width * scale, 3), np.uint8)
    for top, bottom, above, below in _pieces(height, side, reach):
        for left, right, before, behind in _pieces(width, side, reach):
            piece = pixels[above:below, before:behind].astype(np.float32) / 255.0
            made = enlarge(piece[None])[0]
            inner = made[
                (top - above) * scale : (bottom - above) * scale,
                (left - before) * scale : (right - before) * scale,
            ]
            result[top * scale : bottom * scale, left * scale : right * scale] = to_pixels(inner)
    return result


def _pieces(length: int, side: int, reach: int) -> Iterator[tuple[int, int, int, int]]:
    """Where pieces begin and end, without and with what is around them."""
    for start in range(0, length, side):
        end = min(start + side, length)
        yield start, end, max(start - reach, 0), min(end + reach, length)
