"""Where settings come from: files, ``--set`` and flags, each a layer over the ones before."""

from __future__ import annotations

import dataclasses
import datetime
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gansuite.errors import ConfigError

LARGEST_FILE = 1 << 20


@dataclasses.dataclass(frozen=True)
class Layer:
    """Nested values and what to call the place they come from in a message (``--set``, ``my.toml``)."""

    source: str
    values: Mapping[str, Any]


class Written(str):
    """A value as it was typed on the command line: what it means depends on the type of its setting.

    ``--set data.source=2026`` names a folder, ``--set training.steps=2026`` is a number.
    """

    def parsed(self) -> Any:
        return _toml_value(self)


def layered(path: str, value: Any, source: str) -> Layer:
    """A layer with one value at a dotted path."""
    values: Any = value
    for key in reversed(path.split(".")):
        values = {key: values}
    return Layer(source, values)


def read_layer(path: Path) -> Layer:
    """Read a TOML file.

    Raises:
        ConfigError: it is missing, unreadable, larger than 1 MiB or not TOML.
    """
    place = str(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", where=place) from error
    if len(content) > LARGEST_FILE:
        raise ConfigError("is larger than 1 MiB, which no configuration is", where=place)
    try:
        return Layer(place, tomllib.loads(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text", where=place) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"is not valid TOML: {error}", where=place) from error


def assignments(texts: Iterable[str], *, source: str = "--set") -> Layer:
    """Read ``a.b=value`` texts; a value is TOML where it is valid TOML, else plain text.

    Raises:
        ConfigError: a text has no ``=`` or no key, or two of them cannot both hold.
    """
    values: dict[str, Any] = {}
    for text in texts:
        key, separator, written = text.partition("=")
        parts = [part.strip() for part in key.split(".")]
        if not separator or not all(parts):
            raise ConfigError("expected KEY=VALUE, such as training.steps=1000", where=f"{source} {text!r}")
        _assign(values, parts, _value(written.strip()), f"{source} {text!r}")
    return Layer(source, values)


def _assign(values: dict[str, Any], parts: list[str], value: Any, place: str) -> None:
    *tables, last = parts
    for name in tables:
        table = values.setdefault(name, {})
        if not isinstance(table, dict):
            raise ConfigError(f"{name} was already given a value that is not a table", where=place)
        values = table
    if isinstance(values.get(last), dict) and not isinstance(value, dict):
        raise ConfigError(f"settings inside {last} were already given", where=place)
    if isinstance(value, dict) and last in values:
        for name, inner in value.items():
            _assign(values, [last, name], inner, place)
    else:
        values[last] = value


def _value(text: str) -> Any:
    value = _toml_value(text)
    scalar = (bool, int, float, datetime.date, datetime.time)
    return Written(text) if isinstance(value, scalar) else value


def _toml_value(text: str) -> Any:
    try:
        document = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return str(text)
    # "1\nother = 2" is valid TOML, but more than a value.
    return document["value"] if set(document) == {"value"} else str(text)
