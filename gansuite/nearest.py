"""What somebody who mistyped a name most likely meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LISTED = 12


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to ``name``, whatever its case; None where nothing is close."""
    spelled = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), spelled, n=1, cutoff=0.6)
    return spelled[close[0]] if close else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """A hint for an error about an unknown ``name``: the nearest one, else the first dozen known."""
    names = sorted(known)
    close = nearest(name, names)
    if close is not None:
        return f"did you mean {close}?"
    if not names:
        return "there are none"
    more = ", ..." if len(names) > _LISTED else ""
    return f"known: {', '.join(names[:_LISTED])}{more}"
