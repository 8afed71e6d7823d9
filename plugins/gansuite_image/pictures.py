"""Pictures as networks see them, and as people do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from gansuite.noise import Noise

GAP = 2
#: Tiles of a grid are enlarged to about this many pixels: people cannot judge 16.
TILE = 64


def to_network(pixels: tf.Tensor) -> tf.Tensor:
    """Return pixels, uint8 in [0, 255], as float32 in [-1, 1]."""
    return tf.cast(pixels, tf.float32) / 127.5 - 1.0


def to_people(pictures: tf.Tensor) -> tf.Tensor:
    """Return what a network made, float32 in [-1, 1], as float32 in [0, 1]."""
    return (pictures + 1.0) / 2.0


def decode(rows: Mapping[str, tf.Tensor], noise: Noise, *, flip: bool) -> dict[str, tf.Tensor]:
    """Make examples of cached rows: `images` float32 (rows, size, size, channels) in [-1, 1], `labels`."""
    images = to_network(rows["images"])
    if flip:
        mirrored = noise.uniform("flip") < 0.5
        images = tf.where(mirrored[:, None, None, None], images[:, :, ::-1], images)
    return {**rows, "images": images}


def render(images: np.ndarray, folder: Path, names: Sequence[str]) -> list[Path]:
    """Write pictures, float (n, size, size, channels) in [0, 1], as PNG files, and all on one `grid.png`."""
    pixels = (np.clip(images, 0, 1) * 255 + 0.5).astype(np.uint8)
    files = [folder / "grid.png"] if len(pixels) > 1 else []
    for file in files:
        _picture(grid(pixels)).save(file)
    for picture, name in zip(pixels, names, strict=True):
        files.append(folder / f"{name}.png")
        _picture(picture).save(files[-1])
    return files


def grid(pixels: np.ndarray) -> np.ndarray:
    """Lay pictures, uint8 (n, size, size, channels), out on one, enlarged where they are small."""
    count, size, _, channels = pixels.shape
    scale = max(1, TILE // size)
    large = pixels.repeat(scale, axis=1).repeat(scale, axis=2)
    columns = math.ceil(math.sqrt(count))
    step = size * scale + GAP
    sheet = np.full([math.ceil(count / columns) * step - GAP, columns * step - GAP, channels], 255, np.uint8)
    for number, picture in enumerate(large):
        top, left = number // columns * step, number % columns * step
        sheet[top : top + size * scale, left : left + size * scale] = picture
    return sheet


def _picture(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
