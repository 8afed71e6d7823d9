"""IDX files, plain or gzip: the form of MNIST and the data sets made to replace it.

Source: https://yann.lecun.com/exdb/mnist/, "The IDX file format".
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from gansuite.data.images.arrays import MOST_BYTES, Part, check_labels, collection
from gansuite.data.images.collection import Collection
from gansuite.data.images.names import Split
from gansuite.errors import DataError

SETS: dict[str, Split] = {"train": "train", "t10k": "valid", "test": "valid"}
UINT8 = b"\0\0\x08"


def find(path: Path) -> Collection | None:
    """Find a folder of `train-images-idx3-ubyte[.gz]` and its kin, or one such file.

    Raises:
        DataError: a file is damaged, or labels do not belong to their pictures.
    """
    if path.is_file():
        return _collection([(path, None)]) if _is_idx(path) else None
    found = [(_set_file(path, name, "images-idx3"), split) for name, split in SETS.items()]
    files = [(file, split) for file, split in found if file is not None]
    if not files:
        return None
    if len(files) == 1:  # then it has no split of its own
        return _collection([(files[0][0], None)])
    return _collection(files)


def _collection(files: Sequence[tuple[Path, Split | None]]) -> Collection:
    shapes = [_shape(file) for file, _ in files]
    labels = [_labels_of(file) for file, _ in files]
    for (file, _), shape, beside in zip(files, shapes, labels, strict=True):
        if len(shape) not in (3, 4):
            raise DataError(f"holds an array of shape {shape}, not pictures", where=str(file))
        if beside is not None:
            check_labels(beside, shape[0], _shape(beside)[0])
    parts = [
        Part(split=split, load=partial(_load, file, beside))
        for (file, split), beside in zip(files, labels, strict=True)
    ]
    return collection("IDX", sum(shape[0] for shape in shapes), parts, labelled=None not in labels)


def _load(images: Path, labels: Path | None) -> tuple[np.ndarray, np.ndarray | None]:
    return read(images), None if labels is None else read(labels)


def read(path: Path) -> np.ndarray:
    """Read an IDX file of unsigned bytes.

    Raises:
        DataError: it is truncated, longer than it says, or larger than 8 GiB.
    """
    with _opened(path) as file:
        shape = _header(file, path)
        size = math.prod(shape)
        content = file.read(size + 1)
        if len(content) != size:
            raise DataError(f"does not hold the {size} bytes its header promises", where=str(path))
        return np.frombuffer(content, np.uint8).reshape(shape)


def _set_file(folder: Path, name: str, kind: str) -> Path | None:
    for separator in "-.":  # the original archives spell it with a dot
        for ending in ("", ".gz"):
            file = folder / f"{name}-{kind.replace('-', separator)}-ubyte{ending}"
            if file.is_file():
                return file
    return None


def _labels_of(images: Path) -> Path | None:
    name, _, _ = images.name.partition("-images")
    return _set_file(images.parent, name, "labels-idx1") if name != images.name else None


def _is_idx(path: Path) -> bool:
    if not any(part.startswith(".idx") or "-idx" in part for part in (path.name, *path.suffixes)):
        return False
    with _opened(path) as file:
        return file.read(3) == UINT8


def _shape(path: Path) -> tuple[int, ...]:
    with _opened(path) as file:
        return _header(file, path)


def _header(file: IO[bytes], path: Path) -> tuple[int, ...]:
    start = file.read(4)
    if start[:3] != UINT8 or len(start) < 4 or not start[3]:
        raise DataError("is not an IDX file of unsigned bytes", where=str(path))
    sizes = file.read(4 * start[3])
    if len(sizes) != 4 * start[3]:
        raise DataError("ends in its header", where=str(path))
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    if math.prod(shape) > MOST_BYTES:
        raise DataError(f"claims to hold an array of shape {shape}", where=str(path))
    return shape


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            if packed:
                with gzip.open(plain) as unpacked:
                    yield unpacked  # type: ignore[misc]  # GzipFile reads like any binary file
            else:
                yield plain
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"is truncated or corrupt ({error})", where=str(path)) from error
