"""The settings a command line asks for: defaults < data set < preset < files < ``--set`` < flags."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gansuite.config import (
    Layer,
    assignments,
    differences,
    layered,
    read_layer,
    resolve,
    settings_of,
    to_mapping,
)
from gansuite.config.values import is_unset
from gansuite.data.cards import cards, locate
from gansuite.errors import ConfigError, DataError, UsageError
from gansuite.nearest import suggestion
from gansuite.plugin import API, Plugin, newer
from gansuite.runs import HEADER, Run

SOURCE = "data.source"
"""Where a plugin that reads data has the name or path of it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """What was given beside the plugin's name.

    Attributes:
        preset: name of one of the plugin's presets.
        files: TOML files, each over the ones before.
        assignments: ``a.b=value`` texts of ``--set``.
        flags: a layer per flag, so that a message names the flag.
    """

    preset: str | None = None
    files: Sequence[Path] = ()
    assignments: Sequence[str] = ()
    flags: Sequence[Layer] = ()


def compose(plugin: Plugin, request: Request) -> Any:
    """The config of a new run.

    A data set's card has a say in the settings of the plugins it knows, right above the plugin's defaults:
    which card that is depends on all the other layers.

    Raises:
        UsageError: there is no such preset.
        ConfigError: a file cannot be read or a setting is wrong.
        PluginError: the config class is broken.
    """
    cls = plugin.config_class()
    given = _given(plugin, request)
    return resolve(cls, [*_of_card(plugin, cls, given), *given, *_absolute(cls, given)])


def compose_resumed(plugin: Plugin, run: Run, request: Request) -> Any:
    """The config of a run that goes on: its own, with what may change changed.

    Raises:
        UsageError, ConfigError, PluginError: as ``compose``; a ConfigError lists every setting that differs
            from the run's and must not.
    """
    before: Any = run.config(plugin.config_class())
    given = _given(plugin, request)
    own = Layer(str(run.config_file), to_mapping(before))
    after = resolve(type(before), [own, *given, *_absolute(type(before), given)])
    fixed = [str(one) for one in differences(before, after) if not one.may_change]
    if fixed:
        what = "these settings cannot change while a run goes on:\n  " + "\n  ".join(fixed)
        raise ConfigError(what, where=str(run.path), hint="leave them out, or start a new run")
    return after


def compose_with_data(plugin: Plugin, run: Run, data: str | None, given_settings: Sequence[str] = ()) -> Any:
    """The config of a run, with other data where some is given; the run keeps its own.

    Args:
        plugin: the run's.
        run: its directory.
        data: as of ``--data``.
        given_settings: ``a.b=value`` texts of settings that may change after training.

    Raises:
        DataError: there is no such data.
        UsageError: the plugin reads none.
        ConfigError: a setting is wrong, or must not change.
    """
    config: Any = compose_resumed(plugin, run, Request(assignments=given_settings))
    if data is None:
        return config
    given = [data_layer(plugin, data)]
    own = Layer(str(run.config_file), to_mapping(config))
    changed = resolve(type(config), [own, *given, *_absolute(type(config), given)])
    check_source(plugin, changed)
    return changed


def data_layer(plugin: Plugin, data: str) -> Layer:
    """The layer of the flag ``--data``.

    Raises:
        UsageError: the plugin reads no data.
    """
    if SOURCE not in {one.path for one in settings_of(plugin.config_class())}:
        raise UsageError(f"plugin {plugin.name} reads no data", where="--data")
    return layered(SOURCE, data, "--data")


def check_source(plugin: Plugin, config: Any) -> None:
    """Check that the data a config names is there and what its plugin reads, without reading or fetching it.

    Raises:
        DataError: it is neither a data set's name nor an existing path, or a data set of another kind.
    """
    source = source_of(config)
    if source is None:
        return
    if source not in cards():
        locate(source)
        return
    holds = cards()[source].holds
    if plugin.reads and holds not in plugin.reads:
        fitting = [card.name for card in cards().values() if card.holds in plugin.reads]
        raise DataError(
            f"holds {holds}; {plugin.name} reads {' or '.join(plugin.reads)}",
            where=f"data set {source}",
            hint=f"Name one of {', '.join(fitting)}, or a folder." if fitting else "Name a folder.",
        )


def of_other_data(config: Any, files: Sequence[Path]) -> Iterator[str]:
    """Say which files were written for other data than a config names: what they set holds all the same."""
    source = source_of(config)
    for path in files:
        named = _at(read_layer(path).values, SOURCE)
        if isinstance(named, str) and source != named and not _leads_to(named, source):
            yield f"{path} is for the data {named}, and its settings hold for {source} as well"


def _leads_to(named: str, source: str | None) -> bool:
    try:
        return _from_root(named) == source
    except RuntimeError:  # nobody has that home
        return False


def source_of(config: Any) -> str | None:
    """The name or path of the data that a config names; None where its plugin reads none."""
    source = _at(to_mapping(config), SOURCE)
    return source if isinstance(source, str) else None


def _given(plugin: Plugin, request: Request) -> list[Layer]:
    layers = []
    if request.preset is not None:
        layers.append(_preset(plugin, request.preset))
    layers += [_without_header(read_layer(path), plugin) for path in request.files]
    if request.assignments:
        layers.append(assignments(request.assignments))
    return [*layers, *request.flags]


def _preset(plugin: Plugin, name: str) -> Layer:
    if name not in plugin.presets:
        what = f"there is no preset {name!r}"
        raise UsageError(what, where=f"plugin {plugin.name}", hint=suggestion(name, plugin.presets))
    return Layer(f"preset {name}", plugin.presets[name])


def _without_header(layer: Layer, plugin: Plugin) -> Layer:
    owner, api = (layer.values.get(key) for key in HEADER)
    if owner is not None and owner != plugin.name:
        raise ConfigError(f"is for plugin {owner!r}, not {plugin.name}", where=f"plugin ({layer.source})")
    if isinstance(api, int) and api > API:
        raise ConfigError(newer(api), where=layer.source, hint="update gansuite")
    return Layer(layer.source, {key: value for key, value in layer.values.items() if key not in HEADER})


def _of_card(plugin: Plugin, cls: type, given: Sequence[Layer]) -> list[Layer]:
    source = next((_at(layer.values, SOURCE) for layer in reversed(given) if _at(layer.values, SOURCE)), None)
    if source is None:
        source = next((one.default for one in settings_of(cls) if one.path == SOURCE), None)
    card = cards().get(source) if isinstance(source, str) else None
    if card is None or plugin.name not in card.settings:
        return []
    return [Layer(f"data set {card.name}", card.settings[plugin.name])]


def _absolute(cls: type, given: Sequence[Layer]) -> Iterator[Layer]:
    """The given paths from the root, so that the run is understood from any working directory.

    Raises:
        ConfigError: one begins with the home of nobody.
    """
    for one in settings_of(cls):
        if one.path != SOURCE and one.kind.base is not Path:
            continue
        for layer in reversed(given):
            value = _at(layer.values, one.path)
            if isinstance(value, str) and value and not is_unset(value, one.kind):
                if one.path != SOURCE or _is_path(value):
                    yield _rooted(one.path, value, layer.source)
                break


def _rooted(path: str, value: str, source: str) -> Layer:
    try:
        return layered(path, _from_root(value), source)
    except RuntimeError as error:
        what, hint = f"{value} cannot be reached: {error}", "Name another path."
        raise ConfigError(what, where=f"{path} ({source})", hint=hint) from error


def _from_root(path: str) -> str:
    return str(Path(path).expanduser().absolute())


def _is_path(source: str) -> bool:
    try:
        return source not in cards() and Path(source).expanduser().exists()
    except (OSError, RuntimeError):  # said where it is located
        return False


def _at(values: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(values, Mapping) or key not in values:
            return None
        values = values[key]
    return values
