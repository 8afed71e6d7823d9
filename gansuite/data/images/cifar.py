"""The binary batches of CIFAR-10 and CIFAR-100.

Source: https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from gansuite.data.images.arrays import Part, collection
from gansuite.data.images.collection import Collection
from gansuite.data.images.names import Split
from gansuite.errors import DataError

PIXELS = 3 * 32 * 32
#: What the files are called, the bytes of label before each picture, and the file that names the classes.
VERSIONS = (
    ("CIFAR-10", ("data_batch_*.bin",), ("test_batch.bin",), 1, "batches.meta.txt"),
    ("CIFAR-100", ("train.bin",), ("test.bin",), 2, "fine_label_names.txt"),
)


def find(path: Path) -> Collection | None:
    """Find the binary batches in a folder or in the one folder inside it.

    Raises:
        DataError: a batch is truncated.
    """
    if not path.is_dir():
        return None
    inner = [folder for folder in path.iterdir() if folder.is_dir()]
    for folder in [path, *(inner if len(inner) == 1 else [])]:
        for kind, train, test, label_bytes, names in VERSIONS:
            files = [*_files(folder, train, "train"), *_files(folder, test, "valid")]
            if any(split == "train" for _, split in files):
                return _collection(kind, files, label_bytes, _class_names(folder / names))
    return None


def _files(folder: Path, patterns: Sequence[str], split: Split) -> list[tuple[Path, Split]]:
    return [(file, split) for pattern in patterns for file in sorted(folder.glob(pattern))]


def _collection(
    kind: str, files: list[tuple[Path, Split]], label_bytes: int, classes: tuple[str, ...]
) -> Collection:
    total = sum(_count(file, label_bytes) for file, _ in files)
    has_test = any(split == "valid" for _, split in files)
    parts = [
        Part(split=split if has_test else None, load=partial(_load, file, label_bytes))
        for file, split in files
    ]
    return collection(f"{kind} batches", total, parts, labelled=True, classes=classes)


def _count(file: Path, label_bytes: int) -> int:
    size = file.stat().st_size
    count, rest = divmod(size, label_bytes + PIXELS)
    if rest or not count:
        raise DataError(
            f"is truncated: {size} bytes are no whole number of pictures of {label_bytes + PIXELS}",
            where=str(file),
        )
    return count


def _load(file: Path, label_bytes: int) -> tuple[np.ndarray, np.ndarray]:
    rows = np.fromfile(file, np.uint8).reshape(_count(file, label_bytes), label_bytes + PIXELS)
    pictures = rows[:, label_bytes:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(pictures), rows[:, label_bytes - 1]


def _class_names(file: Path) -> tuple[str, ...]:
    return tuple(file.read_text("utf-8").split()) if file.is_file() else ()
