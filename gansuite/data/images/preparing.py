"""Prepare the pictures at a path, whatever form they are in, for training."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import numpy as np

from gansuite.data.cache import Cache, CacheWriter, prepare
from gansuite.data.fingerprint import fingerprint
from gansuite.data.images import archives, cifar, folders, idx, npz
from gansuite.data.images.collection import Collection, Picture, Reader
from gansuite.data.images.form import Form
from gansuite.data.images.names import Split, share_split
from gansuite.data.progress import note, progress
from gansuite.errors import DataError

#: Raised when what is written to the cache changes its meaning.
VERSION = 4
#: In the order they are asked; a folder of pictures comes last, because it looks into every folder.
READERS: tuple[Reader, ...] = (idx.find, cifar.find, npz.find, archives.find, folders.find)
LOOKED_FOR = (
    "Looked for PNG, JPEG, BMP or WebP files (loose, in a folder per class, in a tar or zip), "
    "IDX files (train-images-idx3-ubyte[.gz] …), CIFAR binary batches, and npz."
)
CHUNK = 256
NAMED = 5


def find(path: Path) -> Collection:
    """Find the pictures at a path, in whatever form they lie there.

    Raises:
        DataError: there are none, or what is there is damaged.
    """
    for reader in READERS:
        collection = reader(path)
        if collection is not None:
            return collection
    raise DataError("no pictures found here", where=str(path), hint=LOOKED_FOR)


def prepare_images(path: Path, form: Form, *, valid_share: float = 0.1) -> Cache:
    """Bring every picture at a path into one form, once; opens the cache of the last time.

    Args:
        path: a file or folder that one of the readers understands.
        form: size, channels and fit.
        valid_share: the share held out by a hash of each picture's name, where the data has no split.

    Returns:
        A cache with `train_images` and `valid_images`, uint8 (n, size, size, channels); where the data has
        labels, `train_labels` and `valid_labels`, int32 (n,). Info: `kind`, `classes`, `counts`, `skipped`
        ([[name, reason], …]).

    Raises:
        DataError: there are no pictures, or none that can be used.
    """
    key: Mapping[str, Any] = {
        "version": VERSION,
        "files": fingerprint(path),
        "form": form.mapping(),
        "valid_share": valid_share,
    }
    return prepare("images", key, lambda writer: _write(writer, path, form, valid_share))


def _write(writer: CacheWriter, path: Path, form: Form, valid_share: float) -> None:
    collection = find(path)
    counts: dict[Split, int] = {"train": 0, "valid": 0}
    skipped: list[list[str]] = []
    _begin(writer, form, collection.labelled)
    pictures = iter(progress(collection.read(form), f"preparing {path.name}", total=collection.total))
    while chunk := list(islice(pictures, CHUNK)):
        skipped += [[picture.name, str(picture.reason)] for picture in chunk if picture.pixels is None]
        usable = [picture for picture in chunk if picture.pixels is not None]
        for split, some in groupby(usable, lambda one: one.split or share_split(one.name, valid_share)):
            counts[split] += _append(writer, split, list(some), collection.labelled)
    writer.info.update(kind=collection.kind, classes=collection.classes, counts=counts, skipped=skipped)
    _summarise(path, counts, skipped)


def _begin(writer: CacheWriter, form: Form, labelled: bool) -> None:
    for split in ("train", "valid"):
        writer.append(f"{split}_images", np.zeros((0, form.size, form.size, form.channels), np.uint8))
        if labelled:
            writer.append(f"{split}_labels", np.zeros(0, np.int32))


def _append(writer: CacheWriter, split: Split, pictures: list[Picture], labelled: bool) -> int:
    writer.append(
        f"{split}_images", np.stack([picture.pixels for picture in pictures if picture.pixels is not None])
    )
    if labelled:
        writer.append(f"{split}_labels", np.array([picture.label for picture in pictures], np.int32))
    return len(pictures)


def _summarise(path: Path, counts: Mapping[Split, int], skipped: list[list[str]]) -> None:
    listed = "\n".join(f"  {name} {reason}" for name, reason in skipped[:NAMED])
    more = f"\n  and {len(skipped) - NAMED} more" if len(skipped) > NAMED else ""
    if counts["valid"] and not counts["train"]:
        what = (
            f"the pictures are so few ({counts['valid']}) that none is left to learn from: all are held out"
        )
        raise DataError(what, where=str(path), hint="Set data.valid_share to 0, or add pictures.")
    if not counts["train"]:
        raise DataError("none of the pictures can be used", where=str(path), hint=f"Skipped:\n{listed}{more}")
    used = f"{path.name}: {counts['train']} pictures to learn from, {counts['valid']} held out"
    note(f"{used}; skipped {len(skipped)}:\n{listed}{more}" if skipped else used)
