"""What people look at: enlarged pictures, alone or beside what they were made from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from gansuite.data.images.drawing import GAP, render, to_pixels
from gansuite.domain import Arrays

#: What stands beside each other, and what is written above it.
COLUMNS = {"low": "given", "bicubic": "bicubic", "images": "enlarged", "high": "photograph"}
HEADING = 14


def draw(outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
    """Write an endpoint's pictures as PNG files; of a comparison, a row for each, and all on `grid.png`."""
    if not outputs.keys() >= COLUMNS.keys():
        return render(outputs["images"], folder, names)
    rows = [_row([outputs[kind][number] for kind in COLUMNS]) for number in range(len(names))]
    files = [folder / "grid.png", *(folder / f"{name}.png" for name in names)]
    _headed(rows).save(files[0])
    for file, row in zip(files[1:], rows, strict=True):
        Image.fromarray(row).save(file)
    return files


def _row(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Pictures beside each other, each as large as the largest: the small one with its pixels as squares."""
    height = max(len(picture) for picture in pictures)
    parts = []
    for picture in pictures:
        times = height // len(picture)
        large = to_pixels(picture).repeat(times, axis=0).repeat(times, axis=1)
        parts += [large, np.full((height, GAP, 3), 255, np.uint8)]
    return np.concatenate(parts[:-1], axis=1)


def _headed(rows: Sequence[np.ndarray]) -> Image.Image:
    height, width = rows[0].shape[:2]
    sheet = Image.new("RGB", (width, HEADING + (height + GAP) * len(rows) - GAP), "white")
    pen = ImageDraw.Draw(sheet)
    for number, heading in enumerate(COLUMNS.values()):
        pen.text((number * (width + GAP) // len(COLUMNS), 1), heading, fill="black")
    for number, row in enumerate(rows):
        sheet.paste(Image.fromarray(row), (0, HEADING + number * (height + GAP)))
    return sheet
