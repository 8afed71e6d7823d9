"""Layers of settings become one checked config object."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import MISSING
from typing import Any, TypeVar

from gansuite.config.layers import Layer, Written
from gansuite.config.schema import Field, Kind, Rule, default_of, fields_of, settings_of
from gansuite.config.values import MismatchError, expected, is_unset, scalar, shown
from gansuite.errors import ConfigError, GansuiteError, PluginError
from gansuite.nearest import nearest, suggestion

Config = TypeVar("Config")


@dataclasses.dataclass(frozen=True)
class _Given:
    source: str
    value: Any


def resolve(cls: type[Config], layers: Sequence[Layer]) -> Config:
    """Build a config from its class's defaults and layers, each over the ones before.

    Every value of every layer is checked, also those that a later layer replaces. Tables are merged key by
    key; an array is replaced as a whole. A ``ConfigError(what, where="relative.key")`` raised by a config
    class's ``__post_init__`` gets the full path and the source.

    Raises:
        ConfigError: a key is unknown (the nearest known one is named), a value is of the wrong type or out
            of range, or a setting without a default is not given.
        PluginError: the class itself is broken.
    """
    return _table(cls, layers, MISSING, path="", root=cls)


def from_mapping(cls: type[Config], mapping: Mapping[str, Any], source: str) -> Config:
    """The config that ``to_mapping`` made a mapping of; missing keys get their defaults."""
    return resolve(cls, [Layer(source, mapping)])


def _table(cls: type[Config], layers: Sequence[Layer], base: Any, *, path: str, root: type) -> Config:
    fields = fields_of(cls)
    for layer in layers:
        _refuse_unknown(layer, fields, path, root)
    values = {}
    for field in fields:
        holding = [layer for layer in layers if field.name in layer.values]
        given = [_Given(layer.source, layer.values[field.name]) for layer in holding]
        values[field.name] = _setting(field, given, default_of(field, base), _join(path, field.name), root)
    try:
        return cls(**values)
    except ConfigError as error:
        raise _placed(error, layers, path) from error
    except GansuiteError:
        raise
    except Exception as error:
        raise PluginError(f"{error}", where=f"{cls.__module__}:{cls.__qualname__}") from error


def _setting(field: Field, given: list[_Given], default: Any, path: str, root: type) -> Any:
    if field.kind.is_table:
        return _nested(field.kind, given, default, path, root)
    result = default
    values = given if default is MISSING else [_Given("its default", default), *given]
    for value in values:
        result = _single(field.kind, field.rule, value, path, root)
    if result is MISSING:
        what = f"must be given: {expected(field.kind, field.rule)}"
        raise ConfigError(what, where=path, hint=field.rule.help)
    return result


def _nested(kind: Kind, given: list[_Given], default: Any, path: str, root: type) -> Any:
    base, present = default, default is not None
    layers: list[Layer] = []
    for value in given:
        if is_unset(value.value, kind):
            base, layers, present = MISSING, [], False
        elif isinstance(value.value, Mapping):
            layers.append(Layer(value.source, value.value))
            present = True
        else:
            raise _mismatch(kind, Rule(help=""), value, path)
    if not present:
        return None
    return _table(kind.base, layers, MISSING if base is None else base, path=path, root=root)


def _single(kind: Kind, rule: Rule, given: _Given, path: str, root: type) -> Any:
    value = given.value
    if is_unset(value, kind):
        return None
    if kind.element is not None:
        if not isinstance(value, list | tuple):
            raise _mismatch(kind, rule, given, path)
        elements = enumerate(_Given(given.source, element) for element in value)
        return tuple(_single(kind.element, rule, one, f"{path}[{at}]", root) for at, one in elements)
    if kind.is_table:
        if isinstance(value, kind.base):
            return _table(kind.base, [], value, path=path, root=root)
        if not isinstance(value, Mapping):
            raise _mismatch(kind, rule, given, path)
        return _table(kind.base, [Layer(given.source, value)], MISSING, path=path, root=root)
    try:
        return scalar(value, kind, rule)
    except MismatchError as error:
        raise _mismatch(kind, rule, given, path) from error


def _mismatch(kind: Kind, rule: Rule, given: _Given, path: str) -> ConfigError:
    what = f"expected {expected(kind, rule)}, not {shown(given.value)}"
    reason = (rule.refused or {}).get(str(given.value))
    if reason is not None:
        return ConfigError(f"{given.value} is not offered: {reason}", where=f"{path} ({given.source})")
    text = isinstance(given.value, str) and not isinstance(given.value, Written)
    choices = [choice for choice in rule.choices_of(kind) or () if isinstance(choice, str)]
    close = nearest(given.value, choices) if text else None
    return ConfigError(what, where=f"{path} ({given.source})", hint=close and f"did you mean {close}?")


def _refuse_unknown(layer: Layer, fields: Sequence[Field], path: str, root: type) -> None:
    here = [field.name for field in fields]
    for key in layer.values:
        if key not in here:
            where = f"{_join(path, str(key))} ({layer.source})"
            raise ConfigError("no such setting", where=where, hint=_meant(str(key), here, path, root))


def _meant(key: str, here: Sequence[str], path: str, root: type) -> str:
    known = [setting.path for setting in settings_of(root)]
    elsewhere = {dotted.rpartition(".")[2]: dotted for dotted in reversed(known)}
    if key in elsewhere:
        return f"did you mean {elsewhere[key]}?"
    close = nearest(key, here)
    if close is not None:
        return f"did you mean {_join(path, close)}?"
    close = nearest(key, elsewhere)
    if close is not None:
        return f"did you mean {elsewhere[close]}?"
    return suggestion(_join(path, key), [_join(path, name) for name in here])


def _placed(error: ConfigError, layers: Sequence[Layer], path: str) -> ConfigError:
    relative = error.where or ""
    source = next((layer.source for layer in reversed(layers) if _holds(layer, relative)), None)
    where = _join(path, relative) if relative else path
    if source is not None:
        where = f"{where} ({source})".strip()
    return ConfigError(error.what, where=where or None, hint=error.hint)


def _holds(layer: Layer, path: str) -> bool:
    values: Any = layer.values
    for key in path.split("."):
        if not isinstance(values, Mapping) or key not in values:
            return False
        values = values[key]
    return True


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
