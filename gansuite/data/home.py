"""Where gansuite keeps what it downloads and prepares."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from gansuite.errors import DataError

VARIABLE = "GANSUITE_HOME"


def data_home() -> Path:
    """Return the folder of downloaded and prepared data, which need not exist yet.

    It is ``$GANSUITE_HOME``, else the platform's cache folder (``~/.cache/gansuite`` on Linux).

    Raises:
        DataError: the variable begins with the home of nobody.
    """
    chosen = os.environ.get(VARIABLE)
    if chosen:
        try:
            return Path(chosen).expanduser().absolute()
        except RuntimeError as error:
            what = f"{chosen} cannot be reached: {error}"
            raise DataError(what, where=f"${VARIABLE}", hint="Name another folder.") from error
    return platformdirs.user_cache_path("gansuite", appauthor=False)


def cannot_write(folder: Path, error: OSError) -> DataError:
    """Return the error that says why ``folder`` cannot take data, and how to choose another place."""
    return DataError(
        f"cannot write data here ({error.strerror or error})",
        where=str(folder),
        hint=f"Free some space or make the folder writable, or set ${VARIABLE} to a folder elsewhere.",
    )
