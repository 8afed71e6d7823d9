"""In which settings two configs of one class differ, and whether a resumed run may."""

from __future__ import annotations

from typing import Any, NamedTuple

from gansuite.config.schema import fields_of
from gansuite.config.values import shown


class Difference(NamedTuple):
    """A setting with two values; ``may_change`` says that a resumed run may use the new one."""

    path: str
    old: Any
    new: Any
    may_change: bool

    def __str__(self) -> str:
        return f"{self.path}: {_text(self.old)} before, {_text(self.new)} now"


def _text(value: Any) -> str:
    return "unset" if value is None else shown(value)


def differences(old: object, new: object) -> list[Difference]:
    """Every setting in which two configs differ; an array, or a table that one lacks, counts as one setting.

    Raises:
        TypeError: they are not of one class.
    """
    if type(old) is not type(new):
        raise TypeError(f"cannot compare {type(old).__name__} with {type(new).__name__}")
    return _differences(old, new, "", False)


def _differences(old: object, new: object, prefix: str, may_change: bool) -> list[Difference]:
    found: list[Difference] = []
    for field in fields_of(type(old)):
        before, after = getattr(old, field.name), getattr(new, field.name)
        allowed = may_change or field.rule.may_change
        path = f"{prefix}{field.name}"
        if field.kind.is_table and before is not None and after is not None:
            found += _differences(before, after, f"{path}.", allowed)
        elif before != after:
            found.append(Difference(path, before, after, allowed))
    return found
