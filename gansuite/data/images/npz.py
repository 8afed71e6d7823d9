"""Pictures in a NumPy archive (`.npz`)."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from gansuite.data.images.arrays import MOST_BYTES, Part, check_labels, collection
from gansuite.data.images.collection import Collection
from gansuite.data.images.names import Split
from gansuite.data.unpacking import unread_method
from gansuite.errors import DataError

#: Names of arrays: pictures, labels, split.
NAMES: tuple[tuple[str, str, Split | None], ...] = (
    ("x_train", "y_train", "train"),
    ("x_test", "y_test", "valid"),
    ("train_images", "train_labels", "train"),
    ("test_images", "test_labels", "valid"),
    ("images", "labels", None),
    ("x", "y", None),
    ("arr_0", "arr_1", None),
)


def find(path: Path) -> Collection | None:
    """Find the arrays of a `.npz` file.

    Raises:
        DataError: it is damaged, too large, holds Python objects, or has no pictures under a known name.
    """
    if not path.is_file() or path.suffix.lower() != ".npz":
        return None
    shapes = array_shapes(path)
    known = [names for names in NAMES if len(shapes.get(names[0], ())) in (3, 4)]
    found = [names for names in known if names[2] is not None] or known[:1]
    if not found:
        raise _nothing_known(path, shapes)
    both = len({split for _, _, split in found}) == 2
    parts = [
        Part(
            split=split if both else None,
            load=partial(_load, path, images, labels if labels in shapes else None),
        )
        for images, labels, split in found
    ]
    total = sum(shapes[images][0] for images, _, _ in found)
    labelled = all(labels in shapes for _, labels, _ in found)
    return collection("npz", total, parts, labelled=labelled)


def _nothing_known(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> DataError:
    names = ", ".join(f"{images}/{labels}" for images, labels, _ in NAMES)
    held = ", ".join(f"{images} {shapes[images]}" for images, _, _ in NAMES if images in shapes)
    what = "has no array (n, h, w) or (n, h, w, 1 or 3) of a known name"
    return DataError(f"{what} (looked for {names}{f'; it has {held}' if held else ''})", where=str(path))


def array_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array by name, from the headers only.

    Raises:
        DataError: it is no such file, is damaged, or has an array that is too large or holds Python objects:
            what a member claims and what it unpacks to are both bounded.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {
                member.filename.removesuffix(".npy"): _shape(archive, member)
                for member in archive.infolist()
                if member.filename.endswith(".npy")
            }
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise DataError(f"is not a readable npz file ({error})", where=str(path)) from error


def _shape(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, ...]:
    if member.file_size > MOST_BYTES:
        raise ValueError(f"{member.filename} is larger than {MOST_BYTES >> 30} GiB")
    reason = unread_method(member)
    if reason is not None:
        raise ValueError(f"{member.filename} {reason}")
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(file)
    if dtype.hasobject:
        raise ValueError(f"{member.filename} holds Python objects")
    return tuple(shape)


def _load(path: Path, images: str, labels: str | None) -> tuple[np.ndarray, np.ndarray | None]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            pictures = _pictures(archive[images], f"{path}: {images}")
            if labels is None:
                return pictures, None
            numbers = _numbers(archive[labels], f"{path}: {labels}")
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"cannot be read ({error})", where=str(path)) from error
    check_labels(path, len(pictures), len(numbers))
    return pictures, numbers


def _numbers(array: np.ndarray, where: str) -> np.ndarray:
    """Return labels as whole numbers (n,): as they are, in a column, or of rows with a single 1."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and np.all((array == 0) | (array == 1)) and np.all(array.sum(axis=1) == 1):
        array = array.argmax(axis=1)
    if array.ndim != 1 or array.dtype.kind not in "biuf" or not np.all(array == np.floor(array)):
        what = f"has labels {array.dtype} {array.shape}, neither whole numbers (n,) nor rows with a single 1"
        raise DataError(what, where=where)
    return array.astype(np.int64)


def _pictures(array: np.ndarray, where: str) -> np.ndarray:
    """Return (n, h, w) or (n, h, w, c) as uint8; floats are taken to lie in [0, 1], True is white."""
    if array.ndim == 4 and array.shape[3] not in (1, 3) and array.shape[1] in (1, 3):
        array = array.transpose(0, 2, 3, 1)
    if array.ndim not in (3, 4) or (array.ndim == 4 and array.shape[3] not in (1, 3)):
        raise DataError(f"has shape {array.shape}, not (n, h, w) or (n, h, w, 1 or 3)", where=where)
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    low, high = _range(array)
    if array.dtype.kind == "f" and low >= 0 and high <= 1:
        return (array * 255 + 0.5).astype(np.uint8)
    if array.dtype.kind in "iu" and low >= 0 and high <= 255:
        return array.astype(np.uint8)
    raise DataError(f"holds {array.dtype} from {low} to {high}, not uint8 or floats in [0, 1]", where=where)


def _range(array: np.ndarray) -> tuple[float, float]:
    values: Iterable[float] = (array.min(), array.max()) if array.size else (0.0, 0.0)
    low, high = map(float, values)
    return low, high
