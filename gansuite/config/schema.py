"""What a config class declares: its settings, their types, ranges and meaning."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING
from pathlib import Path
from typing import Any, Literal

from gansuite.errors import PluginError

_KEY = "gansuite"
_SCALARS = (bool, int, float, str, Path)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rule:
    """What a setting means and which values it takes; the bounds hold for each element of an array."""

    help: str
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[Any, ...] | None = None
    refused: Mapping[str, str] | None = None
    contributed: str | None = None
    may_change: bool = False

    def choices_of(self, kind: Kind) -> tuple[Any, ...] | None:
        """The only values there are; None where there are others. Looks at what is installed."""
        own = kind.literals or self.choices
        return own if self.contributed is None else tuple(dict.fromkeys([*(own or ()), *self.installed()]))

    def installed(self) -> tuple[str, ...]:
        """Names of what installed distributions bring along that are choices too."""
        from gansuite.contributions import contributed  # what it imports imports this

        return () if self.contributed is None else tuple(contributed(self.contributed))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
    """A supported type: ``base`` is a scalar type, ``tuple``, ``Literal`` or a config class."""

    base: Any
    optional: bool = False
    literals: tuple[Any, ...] = ()
    element: Kind | None = None

    @property
    def is_table(self) -> bool:
        return dataclasses.is_dataclass(self.base)

    @property
    def is_array_of_tables(self) -> bool:
        return self.element is not None and self.element.is_table


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a config class; ``default`` is ``dataclasses.MISSING`` where it must be given."""

    name: str
    kind: Kind
    rule: Rule
    default: Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of a whole config tree, as lists and completions show it.

    ``path`` is dotted (``training.steps``). ``default`` is ``dataclasses.MISSING`` where it must be given.
    """

    path: str
    kind: Kind
    rule: Rule
    default: Any

    @property
    def help(self) -> str:
        return self.rule.help


def setting(
    default: Any = MISSING,
    *,
    help: str,  # noqa: A002  the field's own word, only ever a keyword here
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    below: float | None = None,
    choices: Sequence[Any] | None = None,
    refused: Mapping[str, str] | None = None,
    contributed: str | None = None,
    may_change: bool = False,
) -> Any:
    """Declare a field of a frozen, keyword-only config dataclass.

    Args:
        default: its value where nobody gives one; a frozen config object for a table. Without one, the
            setting must be given.
        help: what it does, for the person who sets it; shown by ``gansuite config``.
        minimum, maximum: bounds that are allowed; for an array they hold for each element.
        above, below: bounds that are not allowed themselves.
        choices: the only values allowed (``Literal`` says the same where they are known to the type checker).
        refused: values that are none of the choices though one might expect them, each with the reason.
        contributed: a group of ``gansuite.contributions``: names of what is installed are choices too.
        may_change: a resumed run may use another value; for a table this holds for all its settings.
    """
    rule = Rule(
        help=help,
        minimum=minimum,
        maximum=maximum,
        above=above,
        below=below,
        choices=None if choices is None else tuple(choices),
        refused=refused,
        contributed=contributed,
        may_change=may_change,
    )
    return dataclasses.field(default=default, metadata={_KEY: rule})


def inherited(cls: Any, name: str, default: Any) -> Any:
    """Declare a field of a config class's subclass: as the class has it, with another default.

    Args:
        cls: the class that declares it.
        name: of the field.
        default: as of ``setting``.
    """
    field = cls.__dataclass_fields__[name]
    return dataclasses.field(default=default, metadata=field.metadata)


def fields_of(cls: Any) -> tuple[Field, ...]:
    """The settings that a config class declares itself, in order.

    Raises:
        PluginError: it is not a frozen dataclass of supported types made with ``setting()``.
    """
    return _fields(cls)


@functools.cache
def _fields(cls: Any) -> tuple[Field, ...]:
    place = f"{cls.__module__}:{cls.__qualname__}"
    parameters = getattr(cls, "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        raise PluginError("a config class must be a dataclass(frozen=True, kw_only=True)", where=place)
    try:
        hints = typing.get_type_hints(cls)
    except Exception as error:
        raise PluginError(f"its annotations cannot be resolved: {error}", where=place) from error
    declared = dataclasses.fields(cls)
    return tuple(_field(field, hints[field.name], f"{place}.{field.name}") for field in declared)


def _field(field: dataclasses.Field[Any], hint: Any, place: str) -> Field:
    rule = field.metadata.get(_KEY)
    if rule is None:
        raise PluginError("is not declared with gansuite.config.setting(...)", where=place)
    default = field.default
    if default is MISSING and field.default_factory is not MISSING:
        default = field.default_factory()
    return Field(name=field.name, kind=_kind(hint, place), rule=rule, default=default)


def _kind(hint: Any, place: str) -> Kind:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in _SCALARS:
        return Kind(base=hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return Kind(base=hint)
    if origin is Literal:
        return Kind(base=Literal, literals=arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return Kind(base=tuple, element=_kind(arguments[0], place))
    if origin in (typing.Union, types.UnionType) and len(arguments) == 2 and type(None) in arguments:
        inner = arguments[0] if arguments[1] is type(None) else arguments[1]
        return dataclasses.replace(_kind(inner, place), optional=True)
    raise PluginError(f"a setting cannot be of type {hint}", where=place)


def settings_of(cls: type) -> tuple[Setting, ...]:
    """Every setting of a config class and of the tables in it, depth first, tables before what is in them.

    Defaults are the effective ones: those of the table's default where it has one.
    """
    return tuple(_walk(cls, MISSING, ""))


def _walk(cls: type, base: Any, prefix: str) -> Iterator[Setting]:
    for field in fields_of(cls):
        default = default_of(field, base)
        path = f"{prefix}{field.name}"
        yield Setting(path=path, kind=field.kind, rule=field.rule, default=default)
        if field.kind.is_table:
            yield from _walk(field.kind.base, MISSING if default is None else default, f"{path}.")


def default_of(field: Field, base: Any) -> Any:
    """A field's default in a table whose own default is the object ``base`` (``MISSING``: it has none)."""
    return field.default if base is MISSING else getattr(base, field.name)
