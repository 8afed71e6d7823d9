"""What an exception says, and where in somebody's code it came from."""

from __future__ import annotations

import sys
import traceback

#: Modules in which a mistake of a plugin's shows, and is not made.
_BETWEEN = {"__main__", "gansuite", "tensorflow", "keras", "numpy", "PIL", "click", *sys.stdlib_module_names}


def said(error: BaseException) -> str:
    """Say what an exception is, and where it came from as far as that is known."""
    place = origin(error)
    what = error.msg if isinstance(error, SyntaxError) and place is not None else str(error)
    return f"{type(error).__name__}: {what}{f' ({place})' if place is not None else ''}"


def origin(error: BaseException) -> str | None:
    """Return file and line of the innermost frame that is not of gansuite or a library it stands on.

    For a syntax error: where the syntax is wrong. None where there is no such frame.
    """
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{error.filename}:{error.lineno}"
    places = [
        f"{frame.f_code.co_filename}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if str(frame.f_globals.get("__name__")).partition(".")[0] not in _BETWEEN
    ]
    return places[-1] if places else None
