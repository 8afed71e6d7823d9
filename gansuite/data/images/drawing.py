"""Pictures as networks see them, as arrays of pixels, and as files."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

GAP = 2
#: Tiles of a grid are enlarged to about this many pixels: people cannot judge 16.
TILE = 64


def to_pixels(pictures: np.ndarray) -> np.ndarray:
    """Round pictures, float in [0, 1], to uint8 in [0, 255]; values outside are clipped."""
    pixels: np.ndarray = (np.clip(pictures, 0, 1) * 255 + 0.5).astype(np.uint8)
    return pixels


def png(pixels: np.ndarray) -> bytes:
    """Return the content of a PNG file of pixels, uint8 (height, width, 1 or 3)."""
    file = io.BytesIO()
    _picture(pixels).save(file, "PNG")
    return file.getvalue()


def render(images: np.ndarray, folder: Path, names: Sequence[str]) -> list[Path]:
    """Write pictures, float (n, height, width, channels) in [0, 1], as PNG files, and all on one `grid.png`.

    One picture alone gets no grid.
    """
    pixels = to_pixels(images)
    files = [folder / "grid.png"] if len(pixels) > 1 else []
    for file in files:
        _picture(grid(pixels)).save(file)
    for picture, name in zip(pixels, names, strict=True):
        files.append(folder / f"{name}.png")
        _picture(picture).save(files[-1])
    return files


def grid(pixels: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Lay pictures out on one, enlarged where they are small.

    Args:
        pixels: uint8 (n, height, width, channels).
        columns: how many beside each other; None for about as many as below each other.
    """
    count, height, width, channels = pixels.shape
    scale = max(1, TILE // max(height, width))
    large = pixels.repeat(scale, axis=1).repeat(scale, axis=2)
    columns = columns or math.ceil(math.sqrt(count))
    down, across = height * scale + GAP, width * scale + GAP
    shape = [math.ceil(count / columns) * down - GAP, columns * across - GAP, channels]
    sheet = np.full(shape, 255, np.uint8)
    for number, picture in enumerate(large):
        top, left = number // columns * down, number % columns * across
        sheet[top : top + height * scale, left : left + width * scale] = picture
    return sheet


def _picture(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
