"""Archives of picture files (tar, plain or compressed, and zip), read in place: nothing is unpacked."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from gansuite.data.images.collection import Collection, Picture
from gansuite.data.images.decoding import LARGEST_FILE, decode
from gansuite.data.images.form import Form
from gansuite.data.images.names import Arrangement, arrange, is_picture, without_masks
from gansuite.data.unpacking import BLOCK, BROKEN, TAR_SUFFIXES, check_end, unread_method
from gansuite.data.workers import Unusable
from gansuite.errors import DataError

MOST_FILES = 2_000_000
MOST_BYTES = 64 << 30

#: Name and size of a picture file, and how to get its content.
Member = tuple[str, int, Callable[[], bytes]]


def find(path: Path) -> Collection | None:
    """Find the pictures in an archive.

    Raises:
        DataError: it is damaged, or holds an absurd number or size of files.
    """
    if not path.is_file() or not path.name.lower().endswith((*TAR_SUFFIXES, ".zip")):
        return None
    with _damage_reported(path):
        names = without_masks(name for name, _, _ in _members(path))
    if not names:
        return None
    arrangement = arrange(names)
    return Collection(
        kind="archive of pictures",
        total=len(names),
        labelled=bool(arrangement.classes),
        classes=arrangement.classes,
        read=lambda form: _read(path, arrangement, form),
    )


def _read(path: Path, arrangement: Arrangement, form: Form) -> Iterator[Picture]:
    with _damage_reported(path):
        for name, size, content in _members(path):
            if name not in arrangement.splits:
                continue
            pixels, reason = None, arrangement.skipped.get(name)
            if reason is None:
                pixels, reason = _pixels(size, content, form)
            yield Picture(
                name=name,
                pixels=pixels,
                reason=reason,
                split=arrangement.splits[name],
                label=arrangement.labels[name],
            )


def _pixels(size: int, content: Callable[[], bytes], form: Form) -> tuple[np.ndarray | None, str | None]:
    if size > LARGEST_FILE:
        return None, f"is larger than {LARGEST_FILE >> 20} MiB"
    try:
        return decode(content(), form), None
    except Unusable as why:
        return None, str(why)


@contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, *BROKEN) as error:
        raise DataError(f"is a damaged archive ({error})", where=str(path)) from error


def _members(path: Path) -> Iterator[Member]:
    files, total = 0, 0
    for name, size, content in _of_tar(path) if path.name.lower().endswith(TAR_SUFFIXES) else _of_zip(path):
        files, total = files + 1, total + size
        if files > MOST_FILES or total > MOST_BYTES:
            raise DataError("holds more files than a data set would", where=str(path))
        if is_picture(name):
            yield name, size, content


def _of_tar(path: Path) -> Iterator[Member]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isreg():
                yield (
                    member.name.removeprefix("./"),
                    member.size,
                    partial(_extract, archive, member),
                )
        check_end(archive)


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return b"" if file is None else file.read()


def _of_zip(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                # `file_size` is what the archive claims; reading stops there whatever is packed.
                yield member.filename, member.file_size, partial(_unzip, archive, member)


def _unzip(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    reason = unread_method(member)
    if reason is not None:
        raise Unusable(reason)
    with archive.open(member) as file:
        # Without a size, whatever is packed is unpacked before it is cut to what was claimed.
        return b"".join(iter(partial(file.read, BLOCK), b""))
