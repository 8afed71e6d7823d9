"""Prepare once, read many times: arrays on disk, shared by every process that wants them.

A cache is a folder ``prepared/<kind>-<hash of the key>`` under ``data_home()``: ``index.json`` and one raw
``<name>.bin`` per array. It appears whole or not at all (written beside, then renamed).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from filelock import FileLock, Timeout

from gansuite.data.home import cannot_write, data_home
from gansuite.data.progress import note
from gansuite.errors import DataError

if TYPE_CHECKING:
    import tensorflow as tf

FORMAT = 1
INDEX = "index.json"
NAME = re.compile(r"[a-z][a-z0-9_]*")


def prepare(kind: str, key: Mapping[str, Any], write: Callable[[CacheWriter], None]) -> Cache:
    """Open what was prepared from ``key``, preparing it first where that was not done, or was damaged since.

    Args:
        kind: what it is, in a word of ``a-z0-9_`` ("images"); part of the folder's name.
        key: JSON-able; everything the result depends on: settings, ``fingerprint`` of the files, a number to
            raise when the preparing code changes.
        write: fills the cache. Not called where it exists. If it raises, nothing is left.

    Two processes that want the same thing prepare it once; the other waits.

    Raises:
        DataError: the folder cannot be written (disk full, not permitted); whatever ``write`` raises.
    """
    folder = _folder(kind, key)
    cache = _open_if_whole(folder)
    if cache is not None:
        return cache
    with _locked(folder):
        cache = _open_if_whole(folder)
        if cache is None:
            _write_whole(folder, kind, key, write)
            cache = Cache(folder)
        return cache


def opened(kind: str, key: Mapping[str, Any]) -> Cache | None:
    """Open what was prepared from ``key``; None where that was not done, or was damaged since."""
    return _open_if_whole(_folder(kind, key))


def _folder(kind: str, key: Mapping[str, Any]) -> Path:
    text = json.dumps([FORMAT, kind, key], sort_keys=True, separators=(",", ":"))
    return data_home() / "prepared" / f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _open_if_whole(folder: Path) -> Cache | None:
    if not folder.exists():
        return None
    try:
        return Cache(folder)
    except DataError as error:
        note(f"{error.where}: {error.what}; preparing it again")
        return None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = FileLock(folder.with_name(folder.name + ".lock"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            note(f"another process is preparing {folder.name}: waiting for it")
            lock.acquire()
    except OSError as error:
        raise cannot_write(folder.parent, error) from error
    try:
        yield
    finally:
        lock.release()


def _write_whole(
    folder: Path, kind: str, key: Mapping[str, Any], write: Callable[[CacheWriter], None]
) -> None:
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)  # of a process that was killed: the lock is ours
    try:
        with _writing(folder.parent):
            partial.mkdir()
        writer = CacheWriter(partial)
        try:
            write(writer)
            writer.finish(kind, key)
        finally:
            writer.close()
        with _writing(folder.parent):
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise cannot_write(folder, error) from error


class CacheWriter:
    """Fills a cache; rows go to disk as they come.

    Attributes:
        info: JSON-able facts to keep beside the arrays (counts, skipped files with reasons).
    """

    def __init__(self, folder: Path) -> None:
        self.info: dict[str, Any] = {}
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._arrays: dict[str, tuple[np.dtype[Any], tuple[int, ...], int]] = {}

    def append(self, name: str, rows: np.ndarray) -> None:
        """Add rows to the array ``name``.

        Args:
            name: of ``a-z0-9_``; the array begins with its first append.
            rows: (rows, ...) of the dtype and row shape of the name's other appends; 0 rows are allowed.

        Raises:
            ValueError: the rows do not fit the ones before, or hold Python objects.
            DataError: they cannot be written.
        """
        rows = np.ascontiguousarray(rows)
        known = self._arrays.get(name) or self._begin(name, rows)
        if (rows.dtype, rows.shape[1:]) != known[:2]:
            raise ValueError(f"{name}: {rows.dtype} {rows.shape[1:]} after {known[0]} {known[1]}")
        with _writing(self._folder.parent):
            self._files[name].write(rows.data if rows.size else b"")
        self._arrays[name] = (*known[:2], known[2] + len(rows))

    def _begin(self, name: str, rows: np.ndarray) -> tuple[np.dtype[Any], tuple[int, ...], int]:
        if not NAME.fullmatch(name):
            raise ValueError(f"not a name for an array: {name!r}")
        if rows.ndim == 0 or rows.dtype.kind not in "biuf":
            raise ValueError(f"{name}: needs rows of plain numbers, not {rows.dtype} {rows.shape}")
        with _writing(self._folder.parent):
            self._files[name] = (self._folder / f"{name}.bin").open("wb", buffering=1 << 20)
        return rows.dtype, rows.shape[1:], 0

    def finish(self, kind: str, key: Mapping[str, Any]) -> None:
        """Write what is still held back, and the index that makes the folder a cache."""
        arrays = {
            name: {"dtype": dtype.str, "shape": [count, *shape]}
            for name, (dtype, shape, count) in self._arrays.items()
        }
        index = {"format": FORMAT, "kind": kind, "key": key, "arrays": arrays, "info": self.info}
        with _writing(self._folder.parent):
            for file in self._files.values():
                _to_disk(file)
            with (self._folder / INDEX).open("wb") as file:
                file.write(json.dumps(index, indent=1).encode())
                _to_disk(file)

    def close(self) -> None:
        """Close the files; what an interrupted preparation held back is lost with its folder."""
        for file in self._files.values():
            with suppress(OSError):  # disk full: what the buffer holds cannot be flushed
                file.close()


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


class Cache:
    """A prepared folder, opened.

    Attributes:
        folder: where it lies.
        arrays: by name.
        info: what the preparation noted (counts, skipped files with reasons).

    Raises:
        DataError: the index is not readable or a file does not have the size it says.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            index = json.loads((folder / INDEX).read_bytes())
            self.info: Mapping[str, Any] = MappingProxyType(index["info"])
            self.arrays: Mapping[str, CachedArray] = MappingProxyType(
                {
                    name: CachedArray(folder / f"{name}.bin", np.dtype(array["dtype"]), tuple(array["shape"]))
                    for name, array in index["arrays"].items()
                }
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                "prepared data is damaged", where=str(folder), hint="Delete the folder and prepare it again."
            ) from error


class CachedArray:
    """Rows of a file, read on demand.

    Not through a memory map: a kernel that keeps the file in large folios maps up to 2 MB for every row
    touched, so that a pass over the data makes all of it resident, and a file that shrinks kills the process.
    Reading by position takes about 2 µs a row, from the page cache that all processes share.

    Attributes:
        dtype: of the elements.
        shape: (rows, ...).

    Raises:
        ValueError: the file does not have the size that dtype and shape ask for.
    """

    def __init__(self, file: Path, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
        self.dtype = dtype
        self.shape = shape
        self._row_bytes = dtype.itemsize * math.prod(shape[1:])
        self._file = file
        self._descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._descriptor)
        size = os.fstat(self._descriptor).st_size
        if size != self._row_bytes * shape[0]:
            raise ValueError(f"{file.name} has {size} bytes, not {self._row_bytes * shape[0]}")

    def __len__(self) -> int:
        return self.shape[0]

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Return a copy of the rows at ``indices``, int64 of any shape: (*indices.shape, ...).

        Raises:
            IndexError: an index is outside of 0 … rows − 1.
            DataError: the file shrank since it was opened.
        """
        indices = np.asarray(indices, np.int64)
        if indices.size and not 0 <= int(indices.min()) <= int(indices.max()) < len(self):
            raise IndexError(f"row {int(indices.min())} … {int(indices.max())} of {len(self)}")
        file, size = self._descriptor, self._row_bytes
        read = bytearray().join(os.pread(file, size, index * size) for index in indices.ravel().tolist())
        if len(read) != size * indices.size:
            raise DataError("prepared data is damaged: rows are missing", where=str(self._file))
        return np.frombuffer(read, self.dtype).reshape(*indices.shape, *self.shape[1:])

    def gather(self, indices: tf.Tensor) -> tf.Tensor:
        """Return the rows at ``indices`` (int64, any shape) as a graph function of static row shape."""
        import tensorflow as tf  # here, so that preparing data needs no TensorFlow

        rows = tf.numpy_function(self.read, [indices], tf.as_dtype(self.dtype), stateful=False)
        rows.set_shape(indices.shape.concatenate(self.shape[1:]))
        return rows
