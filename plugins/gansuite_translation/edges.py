"""Edges beside the photographs they come from: pairs to learn from without a download."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from gansuite.data.cards import Card
from gansuite.data.placing import place
from gansuite.errors import DataError

PHOTOGRAPHS = ("china", "flower")
#: Photographs are reduced first: a piece that shows little of one does not say what its edges are edges of.
SCALE = 0.5
#: Height and width of a piece, and how far it is to the next one.
PIECE = 72
HOP = 8
#: The band of each photograph's width that is held out: there is more of the same kind on both sides of it.
HELD_OUT = (0.32, 0.6)
BLUR = 1.0
#: An edge is where brightness, in [0, 255], changes by at least so much from pixel to pixel.
STEEP = 7.0
#: Pieces of which a smaller part is edges show sky or what is out of focus: there is nothing to go by.
FEWEST = 0.03


def write_edges(card: Card, source: Path | None) -> Path:
    """Write pieces of scikit-learn's two photographs; the loader of the card `edges`.

    Each picture has edges in its left half and the photograph in its right one. Pieces in `valid` show parts
    of the photographs that no piece in `train` shows.

    Raises:
        DataError: a source is given: there is nothing to fetch.
    """
    if source is not None:
        what = "is made from scikit-learn's own photographs: --from has no use here"
        raise DataError(what, where=f"data set {card.name}")
    return place(card, _write)


def draw_edges(photograph: Image.Image) -> np.ndarray:
    """Draw the edges of a photograph, black on white.

    An edge is a pixel where brightness changes steeply, and more than at its two neighbours across the edge
    (Canny 1986, doi:10.1109/TPAMI.1986.4767851, without the tracking of faint edges).

    Returns:
        uint8 (height, width): 0 or 255.
    """
    grey = np.asarray(photograph.convert("L").filter(ImageFilter.GaussianBlur(BLUR)), np.float32)
    down, across = np.gradient(grey)
    slope = np.hypot(down, across)
    around = np.pad(slope, 1)
    height, width = grey.shape
    # Steps to a neighbour in one of eight directions, the one that brightness rises in.
    octant = np.round(np.arctan2(down, across) / (np.pi / 4)).astype(int)
    step_down = np.round(np.sin(octant * np.pi / 4)).astype(int)
    step_across = np.round(np.cos(octant * np.pi / 4)).astype(int)
    rows, columns = np.mgrid[1 : height + 1, 1 : width + 1]
    ahead = around[rows + step_down, columns + step_across]
    behind = around[rows - step_down, columns - step_across]
    is_edge = (slope >= STEEP) & (slope >= ahead) & (slope > behind)
    return np.where(is_edge, 0, 255).astype(np.uint8)


def _write(folder: Path) -> None:
    from sklearn.datasets import load_sample_image  # slow to import

    for split in ("train", "valid"):
        (folder / split).mkdir()
    for name in PHOTOGRAPHS:
        whole = Image.fromarray(load_sample_image(f"{name}.jpg"))
        size = (round(whole.width * SCALE), round(whole.height * SCALE))
        photograph = whole.resize(size, Image.Resampling.LANCZOS)
        pair = np.stack([_colour(draw_edges(photograph)), np.asarray(photograph)])
        for split, top, left in _pieces(*size):
            edges, piece = pair[:, top : top + PIECE, left : left + PIECE]
            if np.mean(edges == 0) >= FEWEST:
                file = folder / split / f"{name}-{top}-{left}.png"
                Image.fromarray(np.concatenate([edges, piece], axis=1)).save(file)


def _colour(grey: np.ndarray) -> np.ndarray:
    return np.repeat(grey[..., None], 3, axis=2)


def _pieces(width: int, height: int) -> Iterator[tuple[str, int, int]]:
    begin, end = (int(width * part) for part in HELD_OUT)
    for top in range(0, height - PIECE + 1, HOP):
        for left in (*range(0, begin - PIECE + 1, HOP), *range(end, width - PIECE + 1, HOP)):
            yield "train", top, left
        for left in range(begin, end - PIECE + 1, HOP):
            yield "valid", top, left
