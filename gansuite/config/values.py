"""One value against one setting: is it of the type and in the range, and how to say so."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Literal

from gansuite.config.layers import Written
from gansuite.config.schema import Kind, Rule

UNSET = "none"


class MismatchError(ValueError):
    """A value that a setting does not take; the caller says which setting and what it takes."""


def is_unset(value: Any, kind: Kind) -> bool:
    """Whether a value leaves a ``T | None`` setting without one: None, or the text ``none`` in TOML."""
    return kind.optional and (value is None or (value == UNSET and UNSET not in kind.literals))


def scalar(value: Any, kind: Kind, rule: Rule) -> Any:
    """The value as its setting's type.

    Raises:
        MismatchError: it is of another type, not finite, out of range or not among the choices.
    """
    if isinstance(value, Written):
        value = value if kind.base in (str, Path) else value.parsed()
    converted = _typed(value, kind)
    if not _is_choice(converted, kind, rule):
        raise MismatchError
    if kind.base in (int, float) and not _in_range(converted, rule):
        raise MismatchError
    return converted


def _is_choice(value: Any, kind: Kind, rule: Rule) -> bool:
    own = kind.literals or rule.choices
    if own is None and rule.contributed is None:
        return True
    # Looking at what is installed takes time, and is seldom needed.
    return _is_among(value, own or ()) or _is_among(value, rule.installed())


def _is_among(value: Any, choices: tuple[Any, ...]) -> bool:
    return any(value == choice and type(value) is type(choice) for choice in choices)


def _typed(value: Any, kind: Kind) -> Any:
    if kind.base is Literal:
        return str(value) if isinstance(value, str) else value
    if kind.base is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(value)
    if kind.base is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind.base is bool and isinstance(value, bool):
        return value
    if kind.base is str and isinstance(value, str) and _is_unicode(value):
        return str(value)
    if (
        kind.base is Path
        and isinstance(value, str | Path)
        and value != ""
        and _is_unicode(str(value))
        and "\0" not in str(value)
    ):
        return Path(value)
    raise MismatchError


def _is_unicode(text: str) -> bool:
    # Bytes of an argument that are not UTF-8 arrive as lone surrogates, which no TOML file can hold.
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _finite(value: float) -> float:
    try:
        number = float(value)
    except OverflowError as error:
        raise MismatchError from error
    if not math.isfinite(number):
        raise MismatchError
    return number


def _in_range(value: float, rule: Rule) -> bool:
    return (
        (rule.minimum is None or value >= rule.minimum)
        and (rule.maximum is None or value <= rule.maximum)
        and (rule.above is None or value > rule.above)
        and (rule.below is None or value < rule.below)
    )


def expected(kind: Kind, rule: Rule) -> str:
    """What a setting takes, in words: ``a whole number of at least 1``."""
    if kind.is_table:
        return "a table"
    if kind.element is not None:
        if kind.is_array_of_tables:
            return "an array of tables"
        return f"an array, each {expected(kind.element, rule)}"
    choices = rule.choices_of(kind)
    if choices:
        return "one of " + ", ".join(shown(choice) for choice in choices)
    nouns = {bool: "true or false", int: "a whole number", float: "a number", str: "text", Path: "a path"}
    return nouns[kind.base] + _range(rule)


def _range(rule: Rule) -> str:
    bounds = [
        (rule.minimum, "of at least"),
        (rule.above, "above"),
        (rule.maximum, "at most"),
        (rule.below, "below"),
    ]
    texts = [f"{word} {bound}" for bound, word in bounds if bound is not None]
    return " " + " and ".join(texts) if texts else ""


def shown(value: Any) -> str:
    """A value as a message shows it: like TOML, shortened."""
    plain = value.parsed() if isinstance(value, Written) else value
    text = json.dumps(plain, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
