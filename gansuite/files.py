"""Files written whole or not at all, and names that stay in their folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gansuite.errors import DataError

#: What the names of unfinished folders begin with.
DRAFT = ".writing-"


def write_atomically(path: Path, data: bytes | str) -> None:
    """Write a file so that readers see the old content or the new one, never a part.

    The content reaches the disk before the name does: after a power cut the file is one of the two as well.

    Args:
        path: where; its folder exists.
        data: the whole content; text is written as UTF-8 with the line ends it has.

    Raises:
        OSError: nothing was changed.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    # A sibling, because a rename is atomic only within one file system.
    # Nor does it have the other's name within its own, which may be as long as names can be.
    temporary = path.with_name(f".{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    synchronise(path.parent)


def write_beside(folder: Path, fill: Callable[[Path], Sequence[Path]]) -> list[Path]:
    """Add files to a folder, each of them whole, or none where something goes wrong before all are written.

    Args:
        folder: made where it is missing.
        fill: given an empty folder, writes files there and returns them.

    Returns:
        The files, where they are now.

    Raises:
        OSError: a folder cannot be made, or a file not put in its place.
    """
    with drafted(folder) as draft:
        files = [file.relative_to(draft) for file in fill(draft)]
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (draft / file).replace(folder / file)
    return [folder / file for file in files]


@contextlib.contextmanager
def drafted(folder: Path) -> Iterator[Path]:
    """Give a hidden folder in a folder, which is made where it is missing.

    It is removed afterwards, and with it what was made around it where that holds nothing.

    Raises:
        OSError: it cannot be made.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    draft = folder / f"{DRAFT}{os.getpid()}-{secrets.token_hex(4)}"
    try:
        draft.mkdir(parents=True)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        with contextlib.suppress(OSError):  # what holds something stays
            for one in missing:
                one.rmdir()


def synchronise(path: Path) -> None:
    """Have a file, or the names in a folder, reach the disk.

    Raises:
        OSError: a file could not be written. Some network file systems and Windows refuse to open or sync a
            folder; what was renamed there is renamed all the same.
    """
    with contextlib.suppress(OSError) if path.is_dir() else contextlib.nullcontext():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def inside(folder: Path, name: str) -> Path:
    """The path of ``name`` in ``folder``, for names that come from somebody else (an archive, a card).

    Args:
        folder: the folder that nothing may leave.
        name: a relative path.

    Raises:
        DataError: the name is empty or absolute, or leads out of the folder (through ``..`` or a link).
    """
    root = folder.resolve()
    try:
        path = (root / name).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise DataError(f"cannot be a file name: {name!r}", where=str(folder)) from error
    if path == root or not path.is_relative_to(root):
        raise DataError(f"{name!r} leads out of the folder", where=str(folder))
    return path
