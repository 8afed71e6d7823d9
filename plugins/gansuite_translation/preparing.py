"""Prepare the two sides of a translation, A and B, for training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from gansuite.data.cache import Cache, CacheWriter, prepare
from gansuite.data.fingerprint import fingerprint
from gansuite.data.images.decoding import NOT_READ, UNREAD
from gansuite.data.images.form import Form
from gansuite.data.images.names import is_picture, without_masks
from gansuite.data.progress import note, progress
from gansuite.data.walking import walk
from gansuite.data.workers import Answer, read_all
from gansuite.errors import DataError
from gansuite_translation.config import Sides
from gansuite_translation.sides import Plan, plan

#: Raised when what is written to the cache changes its meaning.
VERSION = 3
CHUNK = 64
NAMED = 5
#: Below this a pool of processes takes longer to start than it saves.
FEW = 16
LAYOUT = (
    "Name a folder with pictures that hold A in their left half and B in their right one, or with two "
    "folders A and B in it, whose pictures have the same names; train and val may stand above or below."
)

Skipped = list[tuple[str, str]]
Files = tuple[Sequence[str], Sequence[str]]
#: The pixels' bytes of each side that was asked for.
Row = tuple[bytes, ...]


def prepare_sides(path: Path, data: Sides, *, paired: bool) -> Cache:
    """Bring every picture of both sides into one form, once; opens the cache of the last time.

    Args:
        path: a folder, laid out as `gansuite_translation.sides` says.
        data: size, channels, fit, jitter and the share held out.
        paired: row i of A and of B belong together. Without, each side is a collection of its own.

    Returns:
        A cache with `train_a` and `train_b`: uint8 (n, size + jitter, size + jitter, channels),
        and `valid_a`, `valid_b`: uint8 (n, size, size, channels). Info: `kind`, `counts`, `skipped`
        ([[name, reason], …]).

    Raises:
        DataError: there is no such folder, there are no pictures, or none that can be used.
    """
    key: Mapping[str, Any] = {
        "version": VERSION,
        "files": fingerprint(path),
        "size": data.size,
        "jitter": data.jitter,
        "channels": data.channels,
        "fit": data.fit,
        "valid_share": data.valid_share,
        "paired": paired,
    }
    return prepare("sides", key, lambda writer: _write(writer, path, data, paired))


def _write(writer: CacheWriter, path: Path, data: Sides, paired: bool) -> None:
    if not path.is_dir():
        raise DataError("is not a folder", where=str(path), hint=LAYOUT)
    names = without_masks(filter(is_picture, _names(path)))
    if not names:
        raise DataError("no pictures found here", where=str(path), hint=LAYOUT)
    unread = [name for name in names if name.lower().endswith(UNREAD)]
    chosen = plan(set(names).difference(unread), paired=paired, valid_share=data.valid_share)
    skipped: Skipped = [*chosen.skipped, *((name, NOT_READ) for name in unread)]
    counts: dict[str, list[int]] = {}
    for split, size in (("train", data.size + data.jitter), ("valid", data.size)):
        form = Form(size=size, channels=data.channels, fit=data.fit)
        files = chosen.train if split == "train" else chosen.valid
        counts[split] = [0, 0]
        for sides, rows in _read(path, files, chosen, paired, form, skipped):
            written = _append(writer, split, sides, rows, form)
            for side in sides:
                counts[split]["ab".index(side)] = written
    writer.info.update(
        kind="pictures of two halves" if chosen.halves else "two folders", counts=counts, skipped=skipped
    )
    _summarise(path, counts, skipped, paired=paired, halves=chosen.halves)


def _names(folder: Path) -> Iterator[str]:
    for place, _, files in walk(folder):
        for file in files:
            yield Path(place, file).relative_to(folder).as_posix()


def _read(
    path: Path, files: Files, chosen: Plan, paired: bool, form: Form, skipped: Skipped
) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield which sides rows belong to ("ab", "a" or "b"), and the rows: the pixels' bytes of each side."""
    of_a, of_b = files
    if chosen.halves:
        yield "ab", _usable(_answers(path, of_a, form, halves=True), skipped)
    elif paired:
        both = [name for pair in zip(of_a, of_b, strict=True) for name in pair]
        yield "ab", _partners(_answers(path, both, form), skipped)
    else:
        yield "a", _usable(_answers(path, of_a, form), skipped)
        yield "b", _usable(_answers(path, of_b, form), skipped)


def _answers(
    path: Path, names: Sequence[str], form: Form, *, halves: bool = False
) -> Iterator[tuple[str, Answer]]:
    answers = read_all(
        "gansuite_translation.reading:read_sides",
        [path / name for name in names],
        {"form": form.mapping(), "halves": halves},
        processes=1 if len(names) < FEW else None,
    )
    followed = progress(answers, f"preparing {path.name}", total=len(names))
    return zip(names, followed, strict=True)


def _usable(answers: Iterator[tuple[str, Answer]], skipped: Skipped) -> Iterator[Row]:
    for name, answer in answers:
        if answer.reason is None:
            yield tuple(answer.parts)
        else:
            skipped.append((name, answer.reason))


def _partners(answers: Iterator[tuple[str, Answer]], skipped: Skipped) -> Iterator[Row]:
    for name, answer in answers:
        partner, other = next(answers)
        problem = _mismatch((name, answer), (partner, other))
        if problem is None:
            yield (*answer.parts, *other.parts)
        else:
            skipped.append(problem)


def _mismatch(one: tuple[str, Answer], other: tuple[str, Answer]) -> tuple[str, str] | None:
    for name, answer in (one, other):
        if answer.reason is not None:
            return name, f"{answer.reason}: its partner is left out with it"
    if list(one[1].facts) == list(other[1].facts):
        return None
    sizes = [f"{width} × {height}" for height, width in (one[1].facts, other[1].facts)]
    return one[0], f"is {sizes[0]}, its partner {other[0]} {sizes[1]}"


def _append(writer: CacheWriter, split: str, sides: str, rows: Iterator[Row], form: Form) -> int:
    shape = (form.size, form.size, form.channels)
    count = 0
    for side in sides:
        writer.append(f"{split}_{side}", np.zeros((0, *shape), np.uint8))
    while chunk := list(islice(rows, CHUNK)):
        for number, side in enumerate(sides):
            pixels = [np.frombuffer(row[number], np.uint8).reshape(shape) for row in chunk]
            writer.append(f"{split}_{side}", np.stack(pixels))
        count += len(chunk)
    return count


def _summarise(
    path: Path, counts: Mapping[str, Sequence[int]], skipped: Skipped, *, paired: bool, halves: bool
) -> None:
    listed = "\n".join(f"  {name} {reason}" for name, reason in skipped[:NAMED])
    more = f"\n  and {len(skipped) - NAMED} more" if len(skipped) > NAMED else ""
    what = "pairs" if paired else "pictures of each side"
    if not min(counts["train"]):
        hint = f"Skipped:\n{listed}{more}\n  {LAYOUT}" if skipped else LAYOUT
        if min(counts["valid"]):
            hint = "All are held out: set data.valid_share to 0, or add pictures."
        raise DataError(f"there are no {what} to learn from", where=str(path), hint=hint)
    learned, held = (_count(counts[split], paired) for split in ("train", "valid"))
    used = f"{path.name}: {learned} to learn from, {held} held out"
    if halves:
        pictures = counts["train"][0] + counts["valid"][0]
        used += f"; A and B are the left and the right halves of {pictures} pictures"
    note(f"{used}; skipped {len(skipped)}:\n{listed}{more}" if skipped else used)


def _count(counts: Sequence[int], paired: bool) -> str:
    return f"{counts[0]} pairs" if paired else f"{counts[0]} of A and {counts[1]} of B"
