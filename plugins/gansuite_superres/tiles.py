"""Photographs cut into tiles, once, and the crops that are learned from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gansuite.data.cache import Cache, CacheWriter, prepare
from gansuite.data.fingerprint import fingerprint
from gansuite.data.images.names import Split
from gansuite.data.progress import note, progress
from gansuite.data.workers import Answer, Unusable, read_all
from gansuite.errors import DataError
from gansuite_superres.config import Data
from gansuite_superres.photographs import Photograph, find, read

#: Raised when what is written to the cache changes its meaning.
VERSION = 2
NAMED = 5
# Below this a pool of processes takes longer to start than it saves.
FEW = 8


def prepare_tiles(path: Path, data: Data) -> Cache:
    """Cut every photograph at a path into tiles, once; opens the cache of the last time.

    Returns:
        A cache with `train_high` and `valid_high`, uint8 (n, tile, tile, 3), and `train_low` and `valid_low`,
        (n, tile / scale, tile / scale, 3). Tiles cover a photograph and overlap where it is no multiple. The
        small ones are cut from the whole small picture, so that they know what was beyond their edges. Info:
        `photographs` and `tiles` of each split, `skipped` ([[name, reason], …]).

    Raises:
        DataError: there are no photographs, or none that can be used.
    """
    key = {
        "version": VERSION,
        "files": fingerprint(path),
        "scale": data.scale,
        "low_tile": data.low_tile,
        "valid_share": data.valid_share,
    }
    return prepare("tiles", key, lambda writer: _write(writer, path, data))


def starts(length: int, side: int) -> list[int]:
    """Return where tiles of some side begin in so many pixels: evenly, from edge to edge."""
    count = -(-length // side)
    return [round(number * (length - side) / max(count - 1, 1)) for number in range(count)]


def read_file(path: Path, settings: Any) -> tuple[Any, Sequence[bytes]]:
    """Read one photograph as a worker: how many tiles, and the bytes of the large and of the small ones."""
    scale, side = settings["scale"], settings["low_tile"]
    pair = read(path, scale)
    height, width = pair.low.shape[:2]
    if min(height, width) < side:
        size = f"{pair.high.shape[1]} × {pair.high.shape[0]}"
        raise Unusable(f"is smaller than a tile of {side * scale} pixels ({size})")
    places = [(top, left) for top in starts(height, side) for left in starts(width, side)]
    high, low = (
        b"".join(
            picture[top * times : (top + side) * times, left * times : (left + side) * times].tobytes()
            for top, left in places
        )
        for picture, times in ((pair.high, scale), (pair.low, 1))
    )
    return len(places), (high, low)


def _write(writer: CacheWriter, path: Path, data: Data) -> None:
    photographs = find(path, data.valid_share)
    sides = {"high": data.low_tile * data.scale, "low": data.low_tile}
    for split in ("train", "valid"):
        for kind, side in sides.items():
            writer.append(f"{split}_{kind}", np.zeros((0, side, side, 3), np.uint8))
    counts: dict[Split, dict[str, int]] = {
        split: {"photographs": 0, "tiles": 0} for split in ("train", "valid")
    }
    skipped = []
    for one, answer in zip(photographs, _answers(path, photographs, data), strict=True):
        if answer.reason is not None:
            skipped.append([one.name, answer.reason])
            continue
        for (kind, side), part in zip(sides.items(), answer.parts, strict=True):
            writer.append(f"{one.split}_{kind}", np.frombuffer(part, np.uint8).reshape(-1, side, side, 3))
        counts[one.split]["photographs"] += 1
        counts[one.split]["tiles"] += answer.facts
    writer.info.update(counts=counts, skipped=skipped)
    _summarise(path, counts, skipped)


def _answers(path: Path, photographs: Sequence[Photograph], data: Data) -> Iterator[Answer]:
    return iter(
        progress(
            read_all(
                "gansuite_superres.tiles:read_file",
                [one.path for one in photographs],
                {"scale": data.scale, "low_tile": data.low_tile},
                processes=1 if len(photographs) < FEW else None,
            ),
            f"preparing {path.name}",
            total=len(photographs),
        )
    )


def _summarise(
    path: Path, counts: Mapping[Split, Mapping[str, int]], skipped: Sequence[Sequence[str]]
) -> None:
    listed = "\n".join(f"  {name} {reason}" for name, reason in skipped[:NAMED])
    more = f"\n  and {len(skipped) - NAMED} more" if len(skipped) > NAMED else ""
    if not counts["train"]["tiles"] and not counts["valid"]["tiles"]:
        hint = f"Make data.tile and data.crop smaller, or take larger photographs. Skipped:\n{listed}{more}"
        raise DataError("none of the photographs can be used", where=str(path), hint=hint)
    train, valid = counts["train"], counts["valid"]
    used = (
        f"{path.name}: {train['photographs']} photographs ({train['tiles']} tiles) to learn from, "
        f"{valid['photographs']} held out"
    )
    note(f"{used}; skipped {len(skipped)}:\n{listed}{more}" if skipped else used)
