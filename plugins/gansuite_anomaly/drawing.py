"""What people look at: heat maps, alone, over pictures, and beside what a network made of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from gansuite.data.images.drawing import GAP, TILE, grid, to_pixels
from gansuite.domain import Arrays

#: During training, before anything is known of normal pictures: the residual that is brightest.
BRIGHTEST = 0.5
#: Black, violet, red, orange, yellow, white at equal distances: brightness never falls.
COLOURS = np.array(
    [(0, 0, 0), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 220, 80), (252, 255, 240)], np.float64
)
COLUMNS = ("given", "made", "residual", "sample")
HEADING = 14


def heat(residuals: np.ndarray, brightest: float) -> np.ndarray:
    """Colour residuals, from black at 0 to white at `brightest` and above.

    Args:
        residuals: float (..., height, width), at least 0.
        brightest: above 0; the same for all pictures that are to be compared.

    Returns:
        uint8 (..., height, width, 3).
    """
    places = np.clip(residuals / brightest, 0, 1) * (len(COLOURS) - 1)
    channels = [np.interp(places, np.arange(len(COLOURS)), COLOURS[:, one]) for one in range(3)]
    return (np.stack(channels, axis=-1) + 0.5).astype(np.uint8)


def overlay(pixels: np.ndarray, residuals: np.ndarray, brightest: float) -> np.ndarray:
    """Lay residuals over their picture, dimmed to grey: transparent at 0, opaque at `brightest` and above.

    Args:
        pixels: uint8 (height, width, 1 or 3).
        residuals: float (height, width).
        brightest: as of `heat`.

    Returns:
        uint8 (height, width, 3).
    """
    grey = np.repeat(pixels.mean(axis=-1, keepdims=True), 3, axis=-1) * 0.7
    opacity = np.clip(residuals / brightest, 0, 1)[..., None]
    mixed: np.ndarray = (1 - opacity) * grey + opacity * heat(residuals, brightest) + 0.5
    return mixed.astype(np.uint8)


def enlarged(pixels: np.ndarray) -> np.ndarray:
    """Show small pictures, uint8 (height, width, channels), with their pixels as squares, in colour."""
    times = max(1, 2 * TILE // max(pixels.shape[:2]))
    return coloured(pixels).repeat(times, axis=0).repeat(times, axis=1)


def coloured(pixels: np.ndarray) -> np.ndarray:
    """Return pixels, uint8 (..., 1 or 3), with three channels."""
    return pixels if pixels.shape[-1] == 3 else pixels.repeat(3, axis=-1)


def draw(outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
    """Write the outputs of `compare`: `grid.png` with a row for each picture, and each row as a file."""
    columns = [
        coloured(to_pixels(outputs["images"])),
        coloured(to_pixels(outputs["reconstruction"])),
        heat(outputs["map"], BRIGHTEST),
        coloured(to_pixels(outputs["sample"])),
    ]
    files = [folder / "grid.png", *(folder / f"{name}.png" for name in names)]
    tiles = np.stack(columns, axis=1)
    _headed(grid(tiles.reshape(-1, *tiles.shape[2:]), len(columns))).save(files[0])
    for file, row in zip(files[1:], tiles, strict=True):
        Image.fromarray(grid(row, len(columns))).save(file)
    return files


def _headed(sheet: np.ndarray) -> Image.Image:
    height, width = sheet.shape[:2]
    page = Image.new("RGB", (width, height + HEADING), "white")
    pen = ImageDraw.Draw(page)
    for number, heading in enumerate(COLUMNS):
        pen.text((number * (width + GAP) // len(COLUMNS), 1), heading, fill="black")
    page.paste(Image.fromarray(sheet), (0, HEADING))
    return page
