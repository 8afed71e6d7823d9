"""Folders of picture files: plain, or a folder per class, with or without train and test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gansuite.data.images.collection import Collection, Picture
from gansuite.data.images.form import Form
from gansuite.data.images.names import Arrangement, arrange, is_picture, natural, without_masks
from gansuite.data.walking import walk
from gansuite.data.workers import read_all

# Below this a pool of processes takes longer to start than it saves.
FEW = 16


def find(path: Path) -> Collection | None:
    """Find the pictures in and below a folder.

    Raises:
        DataError: a folder in it cannot be read.
    """
    if not path.is_dir():
        return None
    names = sorted(without_masks(filter(is_picture, _names(path))), key=natural)
    if not names:
        return None
    arrangement = arrange(names)
    return Collection(
        kind="image folder",
        total=len(names),
        labelled=bool(arrangement.classes),
        classes=arrangement.classes,
        read=lambda form: _read(path, names, arrangement, form),
    )


def _names(folder: Path) -> Iterator[str]:
    for place, _, files in walk(folder):
        for file in files:
            yield Path(place, file).relative_to(folder).as_posix()


def _read(folder: Path, names: list[str], arrangement: Arrangement, form: Form) -> Iterator[Picture]:
    wanted = [name for name in names if name not in arrangement.skipped]
    answers = read_all(
        "gansuite.data.images.decoding:read_file",
        [folder / name for name in wanted],
        form.mapping(),
        processes=1 if len(wanted) < FEW else None,
    )
    shape = (form.size, form.size, form.channels)
    yield from (Picture(name=name, reason=reason) for name, reason in arrangement.skipped.items())
    for name, answer in zip(wanted, answers, strict=True):
        pixels = None if answer.reason else np.frombuffer(answer.parts[0], np.uint8).reshape(shape)
        yield Picture(
            name=name,
            pixels=pixels,
            reason=answer.reason,
            split=arrangement.splits[name],
            label=arrangement.labels[name],
        )
