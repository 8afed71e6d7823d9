"""Photographs and the small pictures that are to become them.

Runs in worker processes too: imports little.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gansuite.data.images.bicubic import shrink
from gansuite.data.images.decoding import read_whole
from gansuite.data.images.names import SPLIT_FOLDERS, Split, is_picture, natural, share_split, without_masks
from gansuite.data.walking import walk
from gansuite.data.workers import Unusable
from gansuite.errors import DataError

LOOKED_FOR = (
    "Looked for PNG, JPEG, BMP or WebP files, loose or in folders; unpack archives first. Beside a file "
    "called like a_HR.png, a_LR.png is taken as its small picture."
)
HIGH, LOW = "_HR", "_LR"


@dataclass(frozen=True, kw_only=True)
class Photograph:
    """A photograph's file.

    Args:
        path: where it lies.
        name: its path from the data's folder; stays the same when others come or go.
        split: what it is for.
    """

    path: Path
    name: str
    split: Split


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A photograph and its small picture, uint8: (scale · h, scale · w, 3) and (h, w, 3)."""

    high: np.ndarray
    low: np.ndarray


def find(path: Path, valid_share: float) -> list[Photograph]:
    """Find the photographs at a path.

    Args:
        path: a picture or a folder. Folders in it with the word train, valid, test or the like in their names
            are splits. Pairs (`a_HR.png` and `a_LR.png`) are test sets: without such a folder they are held
            out.
        valid_share: the share of the others that is held out, by a hash of each name.

    Returns:
        In an order of its own that never changes. Of a pair, the large picture alone.

    Raises:
        DataError: there are none.
    """
    if path.is_file() and is_picture(path.name):
        return [Photograph(path=path, name=path.name, split="train")]
    names = set(without_masks(_names(path))) if path.is_dir() else set()
    found = [name for name in sorted(names, key=natural) if not _is_partner(name, names)]
    if not found:
        raise DataError("no pictures found here", where=str(path), hint=LOOKED_FOR)
    return [Photograph(path=path / name, name=name, split=_split(name, names, valid_share)) for name in found]


def read(path: Path, scale: int) -> Pair:
    """Read a photograph, and make its small picture or read the one beside it.

    Rows and columns that do not divide by the scale are cut off at the bottom and on the right.

    Raises:
        Unusable: it cannot be read, is too small, or its small picture is of another size.
    """
    high = read_whole(path, 3)
    height, width = (side // scale for side in high.shape[:2])
    if not height or not width:
        raise Unusable(f"is smaller than {scale} × {scale}")
    high = high[: height * scale, : width * scale]
    partner = path.with_name(_partner(path.name))
    if partner.name == path.name or not partner.is_file():
        return Pair(high=high, low=shrink(high, scale))
    low = read_whole(partner, 3)
    if low.shape[:2] != (height, width):
        sizes = f"{low.shape[1]} × {low.shape[0]}, not {width} × {height}"
        raise Unusable(f"its small picture {partner.name} is {sizes}, as scale {scale} asks for")
    return Pair(high=high, low=low)


def read_usable(
    photographs: Sequence[Photograph], scale: int, skipped: list[tuple[str, str]]
) -> Iterator[tuple[Photograph, Pair]]:
    """Read photographs one after the other; the others are added to `skipped` with a reason."""
    for one in photographs:
        try:
            pair = read(one.path, scale)
        except Unusable as why:
            skipped.append((one.name, str(why)))
            continue
        yield one, pair


def _names(folder: Path) -> Iterator[str]:
    for place, _, files in walk(folder):
        for file in files:
            name = Path(place, file).relative_to(folder).as_posix()
            if is_picture(name):
                yield name


def _split(name: str, names: set[str], valid_share: float) -> Split:
    for word in re.split(r"[^a-z]+", Path(name).parent.as_posix().lower()):
        if word in SPLIT_FOLDERS:
            return SPLIT_FOLDERS[word]
    partner = _partner(name)
    if partner != name and partner in names:
        return "valid"
    return share_split(name, valid_share)


def _is_partner(name: str, names: set[str]) -> bool:
    stem, suffix = os.path.splitext(name)  # noqa: PTH122  names are texts with /, on any system
    return stem.endswith(LOW) and f"{stem.removesuffix(LOW)}{HIGH}{suffix}" in names


def _partner(name: str) -> str:
    """The name of a photograph's small picture; its own where it cannot have one."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122
    return f"{stem.removesuffix(HIGH)}{LOW}{suffix}" if stem.endswith(HIGH) else name
