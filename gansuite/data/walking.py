"""Folders looked through, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from gansuite.errors import DataError


def walk(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Go through a folder as `os.walk` does, which leaves out in silence what it may not read.

    Yields:
        Path, names of folders and names of files of each folder; names of folders may be taken out or sorted.

    Raises:
        DataError: a folder cannot be read.
    """
    return os.walk(folder, onerror=_refuse)


def _refuse(error: OSError) -> NoReturn:
    what = f"cannot be looked into: {error.strerror or error}"
    raise DataError(what, where=str(error.filename), hint="Give access to it, or move it away.") from error
