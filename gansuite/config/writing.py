"""A config object as a plain mapping and as TOML that explains itself."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import MISSING
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

from gansuite.config.schema import Field, default_of, fields_of
from gansuite.config.values import UNSET, expected

_WIDTH = 100
_Container = tomlkit.TOMLDocument | Table


def to_mapping(config: object) -> dict[str, Any]:
    """A config as nested plain values (str for a path, list for an array, None for unset)."""
    return {field.name: _plain(getattr(config, field.name), field) for field in fields_of(type(config))}


def _plain(value: Any, field: Field) -> Any:
    if value is None:
        return None
    if field.kind.is_table:
        return to_mapping(value)
    if field.kind.is_array_of_tables:
        return [to_mapping(element) for element in value]
    return _leaf(value)


def _leaf(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_leaf(element) for element in value]
    return str(value) if isinstance(value, Path) else value


def to_toml(config: object, *, header: Mapping[str, Any] = {}, comments: bool = True) -> str:
    """A config as TOML, complete, so that reading it gives the same config again.

    Args:
        config: an object of a config class.
        header: plain values to put before everything else.
        comments: say above each setting what it does and which values it takes, and show unset ones as
            commented lines; and which may be others in a run that goes on.
    """
    document = tomlkit.document()
    for name, value in header.items():
        document.add(name, value)
    _fill(document, config, MISSING, comments)
    return tomlkit.dumps(document).lstrip("\n")


def _fill(container: _Container, config: object, base: Any, comments: bool) -> None:
    fields = fields_of(type(config))
    rows = [(field, getattr(config, field.name), default_of(field, base)) for field in fields]
    # TOML reads what follows a table's header as part of that table: plain values go first.
    for field, value, default in rows:
        if not _has_header(field, value):
            _add_value(container, field, value, default, comments)
    for field, value, default in rows:
        if _has_header(field, value):
            _add_tables(container, field, value, default, comments)


def _has_header(field: Field, value: Any) -> bool:
    return value is not None and (field.kind.is_table or (field.kind.is_array_of_tables and len(value) > 0))


def _add_value(container: _Container, field: Field, value: Any, default: Any, comments: bool) -> None:
    if comments:
        container.add(tomlkit.nl())
        _explain(container, field)
    if value is not None:
        container.add(field.name, _leaf(value))
    elif default is not None:
        container.add(field.name, UNSET)
    elif comments and not field.kind.is_table:
        container.add(tomlkit.comment(f"{field.name} = (unset)"))
    if comments and (field.kind.is_array_of_tables or (field.kind.is_table and value is None)):
        _sketch(container, field)


def _add_tables(container: _Container, field: Field, value: Any, default: Any, comments: bool) -> None:
    if field.kind.is_table:
        table = tomlkit.table()
        if comments:
            _explain(table, field)
        _fill(table, value, MISSING if default is None else default, comments)
        container.add(field.name, table)
        return
    tables: AoT = tomlkit.aot()
    for at, element in enumerate(value):
        table = tomlkit.table()
        if comments and at == 0:
            _explain(table, field)
        _fill(table, element, MISSING, comments and at == 0)
        tables.append(table)
    container.add(field.name, tables)


def _explain(container: _Container, field: Field) -> None:
    optional = ", or unset" if field.kind.optional else ""
    changing = "; --resume may change it" if field.rule.may_change else ""
    text = f"{field.rule.help.strip()} ({expected(field.kind, field.rule)}{optional}{changing})"
    if field.kind.is_table and not field.kind.optional:
        text = field.rule.help.strip() + (" --resume may change all of it." if changing else "")
    for line in textwrap.wrap(" ".join(text.split()), _WIDTH - 2):
        container.add(tomlkit.comment(line))


def _sketch(container: _Container, field: Field) -> None:
    """Show, as comments, what a table that is not there would hold."""
    inner = field.kind.element if field.kind.element is not None else field.kind
    brackets = f"[[{field.name}]]" if field.kind.is_array_of_tables else f"[{field.name}]"
    container.add(tomlkit.comment(brackets))
    for one in fields_of(inner.base):
        container.add(tomlkit.comment(f"{one.name} = {_example(one)}  # {' '.join(one.rule.help.split())}"))


def _example(field: Field) -> str:
    nested = field.kind.is_table or field.kind.is_array_of_tables
    if nested or field.default is MISSING or field.default is None:
        return f"({expected(field.kind, field.rule)})"
    return str(tomlkit.item(_leaf(field.default)).as_string())
