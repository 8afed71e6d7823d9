"""What a check is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gansuite.errors import PluginError
from gansuite.testing.subject import Subject


@dataclass(frozen=True, kw_only=True)
class Check:
    """Something that has to hold of every plugin.

    Attributes:
        name: one word or several with ``-`` between them.
        promise: what has to hold, one sentence.
        test: raises where it does not hold.
    """

    name: str
    promise: str
    test: Callable[[Subject], None]


def check(name: str, promise: str) -> Callable[[Callable[[Subject], None]], Check]:
    """Make a check of a function that raises where the promise is broken."""
    return lambda test: Check(name=name, promise=promise, test=test)


def require(holds: object, what: str, *, where: str | None = None, hint: str | None = None) -> None:
    """Raise a PluginError that says `what` is wrong, unless something holds."""
    if not holds:
        raise PluginError(what, where=where, hint=hint)
