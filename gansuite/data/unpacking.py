"""Unpack strangers' archives: nothing leaves the folder, no links, and bounds on how much comes out."""

from __future__ import annotations

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gansuite.errors import DataError
from gansuite.files import inside

TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
BROKEN = (
    EOFError, ValueError, tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError
)  # fmt: skip
#: What comes of a file and a folder of one name.
_CLASHES = (FileExistsError, IsADirectoryError, NotADirectoryError)
BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The most that may come out of an archive."""

    files: int = 1_000_000
    bytes: int = 64 << 30


def is_archive(path: Path) -> bool:
    """Tell by its name whether `unpack` can unpack a file."""
    return path.is_file() and path.name.lower().endswith((*TAR_SUFFIXES, ".zip"))


def unpack(archive: Path, folder: Path, bounds: Bounds = Bounds()) -> None:
    """Unpack a tar (plain or compressed) or zip into a folder.

    Raises:
        DataError: it is damaged, holds a link or a device, a name that leads out of the folder or what is
            packed by another method than deflate, or more than the bounds allow. What came out before may
            lie in the folder.
    """
    files, total = 0, 0
    try:
        for name, content in _contents(archive):
            target = inside(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            files += 1
            _check(archive, files <= bounds.files)
            with target.open("wb") as out:
                while block := _read(archive, content):
                    total += len(block)
                    _check(archive, total <= bounds.bytes)
                    out.write(block)
    except (*BROKEN, *_CLASHES) as error:
        raise DataError(f"is a damaged archive ({error})", where=str(archive)) from error


def _read(archive: Path, content: IO[bytes]) -> bytes:
    try:
        return content.read(BLOCK)
    except OSError as error:  # not of what is written, which is for who asked for it
        raise DataError(f"is a damaged archive ({error})", where=str(archive)) from error


def unread_method(member: zipfile.ZipInfo) -> str | None:
    """Say why what a zip holds is not unpacked, if so.

    Only deflate can be told how much to unpack at once: of the other methods, a few kilobytes may become
    gigabytes before anything can be counted.
    """
    plain = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return None if plain else "is packed by another method than deflate"


def check_end(opened: tarfile.TarFile) -> None:
    """Refuse a tar that was read to what looks like its end, and is not: tarfile stops at a damaged header.

    Raises:
        tarfile.ReadError: there is something else than the end, or than nothing.
    """
    assert opened.fileobj is not None  # noqa: S101  it is open
    opened.fileobj.seek(opened.offset)
    block = opened.fileobj.read(tarfile.BLOCKSIZE)
    if block.strip(b"\0") or 0 < len(block) < tarfile.BLOCKSIZE:
        raise tarfile.ReadError(f"cut off or damaged at byte {opened.offset:,} of what it holds")


def _check(archive: Path, within_bounds: bool) -> None:
    if not within_bounds:
        raise DataError("holds more than a data set would", where=str(archive))


def _contents(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        yield from _of_zip(archive) if archive.name.lower().endswith(".zip") else _of_tar(archive)
    except OSError as error:
        raise DataError(f"cannot be read as an archive ({error})", where=str(archive)) from error


def _of_tar(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(archive) as opened:
        for member in opened:
            if member.isdir():
                continue
            content = opened.extractfile(member) if member.isreg() else None
            if content is None:
                raise DataError(f"{member.name} is a link or a device, not a file", where=str(archive))
            yield member.name, content
        check_end(opened)


def _of_zip(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            if member.is_dir():
                continue
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                raise DataError(f"{member.filename} is a link or a device, not a file", where=str(archive))
            reason = unread_method(member)
            if reason is not None:
                hint = "Unpack it yourself, and name the folder."
                raise DataError(f"{member.filename} {reason}", where=str(archive), hint=hint)
            with opened.open(member) as content:
                yield member.filename, content
