"""Which plugins there are: listed without running any of their code, loaded when one is asked for."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import Distribution, EntryPoint
from typing import Any, Literal

from gansuite import modules
from gansuite.distributions import entry_points, missing_requirement, name_of, version_of
from gansuite.errors import PluginError, UsageError
from gansuite.nearest import suggestion
from gansuite.plugin import API, Plugin, import_module, newer

GROUP = "gansuite.plugins"
#: The distribution whose plugins keep their names, whoever else takes one.
OWN = "gansuite"
#: The environment variable that names the plugins there are to be.
ALLOWED = "GANSUITE_PLUGINS"

#: What a distribution needs and does not find, in words.
Missing = Callable[[Distribution], str | None]
#: What keeps a plugin from being used: something that is not installed, an interface that this version does
#: not speak yet, another plugin of its name, one of gansuite's own of its name, or itself.
Fault = Literal["requirement", "interface", "name", "own name", "itself"]


class _MissingError(modules.UnreadableError):
    """What it imports is not installed."""


class _NewerError(modules.UnreadableError):
    """It is written for a newer interface."""


_FAULTS: Mapping[type, Fault] = {_MissingError: "requirement", _NewerError: "interface"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Announcement:
    """What is known about an installed plugin without running it.

    Attributes:
        name: name of its entry point.
        target: ``module:attribute`` of its ``Plugin`` object.
        distribution, version: what it was installed with.
        plugin: its announcement as read from the source; None where that cannot be read.
        problem: why it cannot be used; None where nothing is known against it.
        fault: what kind of problem that is.
    """

    name: str
    target: str
    distribution: str
    version: str
    plugin: Plugin | None = None
    problem: str | None = None
    fault: Fault | None = None

    @property
    def summary(self) -> str:
        return self.plugin.summary if self.plugin is not None else ""

    @property
    def presets(self) -> Mapping[str, Mapping[str, Any]]:
        return self.plugin.presets if self.plugin is not None else {}


def announcements() -> tuple[Announcement, ...]:
    """Every registered plugin, sorted by name; of a broken one its ``problem`` says why.

    Of several with one name, gansuite's own comes first and can be used; of others with one name, none can.

    Runs no plugin code: reads entry points, then the syntax tree of the announcing module. Where
    GANSUITE_PLUGINS has names, with commas between, there are no others.
    """
    # Once for each distribution, whose metadata takes longer to read than its plugins.
    missing = functools.cache(missing_requirement)
    found = [
        _announcement(distribution, point, missing)
        for distribution, point in entry_points(GROUP)
        if is_allowed(point.name)
    ]
    found.sort(key=lambda one: (one.name, one.distribution != OWN))
    by_name = itertools.groupby(found, key=lambda one: one.name)
    return tuple(one for _, namesakes in by_name for one in _told_apart(list(namesakes)))


def announced(name: str) -> Announcement:
    """What is known about the plugin of a name, as of `announcements`.

    Raises:
        UsageError: there is none; the nearest name is given.
    """
    found = announcements()
    one = next((one for one in found if one.name == name), None)
    if one is None:
        raise unknown(name, found)
    return one


def is_allowed(name: str) -> bool:
    """Whether a plugin may be seen, by what GANSUITE_PLUGINS says; all may where it has no name."""
    names = _allowed()
    return not names or name in names


def unheard() -> Mapping[str, str]:
    """Names in GANSUITE_PLUGINS that no installed plugin has, with a hint for each."""
    named = _allowed()
    installed = {point.name for _, point in entry_points(GROUP)} if named else set()
    return {name: suggestion(name, installed) for name in sorted(named - installed)}


def _allowed() -> frozenset[str]:
    names = (one.strip() for one in os.environ.get(ALLOWED, "").split(","))
    return frozenset(name for name in names if name)


def _told_apart(namesakes: Sequence[Announcement]) -> Iterator[Announcement]:
    first, *others = namesakes
    if not others:
        yield first
    elif first.distribution == OWN:
        yield first
        for one in others:
            yield dataclasses.replace(one, problem="has the name of one of gansuite's own", fault="own name")
    else:
        owners = sorted({f"{one.distribution} {one.version}" for one in namesakes})
        problem = f"is announced more than once, by {' and '.join(owners)}"
        for one in namesakes:
            yield dataclasses.replace(one, problem=problem, fault="name")


def _announcement(distribution: Distribution, point: EntryPoint, missing: Missing) -> Announcement:
    announcement = Announcement(
        name=point.name,
        target=point.value,
        distribution=name_of(distribution),
        version=version_of(distribution) or "of no version",
    )
    try:
        announcement = dataclasses.replace(announcement, plugin=_read(point))
        if (problem := _misplaced(announcement)) is not None:
            return dataclasses.replace(announcement, problem=problem, fault="itself")
        if (problem := missing(distribution)) is not None:
            return dataclasses.replace(announcement, problem=problem, fault="requirement")
    except (modules.UnreadableError, PluginError) as error:
        fault = _FAULTS.get(type(error), "itself")
        return dataclasses.replace(announcement, problem=_sentence(error), fault=fault)
    except Exception as error:  # anything can be wrong in files that others installed
        problem = f"cannot be read: {type(error).__name__}: {error}"
        return dataclasses.replace(announcement, problem=problem, fault="itself")
    return announcement


def _read(point: EntryPoint) -> Plugin:
    module_name, separator, attribute = point.value.partition(":")
    if not separator or not attribute.isidentifier():
        raise modules.UnreadableError(f"its entry point {point.value!r} is not module:attribute")
    module = modules.parse(module_name)
    missing = modules.missing_imports(module, module_name)
    arguments = modules.literal_call(module, attribute, Plugin.__name__)
    api = arguments.get("api")
    if isinstance(api, int) and api > API:
        # Before anything else: a newer interface may have arguments that this version has not heard of.
        raise _NewerError(newer(api))
    try:
        plugin = Plugin(**arguments)
    except TypeError as error:
        raise modules.UnreadableError(f"{attribute} = Plugin(...): {error}") from error
    if missing:
        raise _MissingError(f"{module_name} imports {', '.join(missing)}, which is not installed")
    if plugin.name != point.name:
        raise modules.UnreadableError(f"is registered as {point.name} but calls itself {plugin.name}")
    return plugin


def _misplaced(one: Announcement) -> str | None:
    targets = () if one.plugin is None else (one.plugin.config, one.plugin.domain)
    for target in targets:
        module = target.partition(":")[0]
        try:
            if modules.find(module) is None:
                return f"module {module} is missing"
        except modules.CompiledError:
            continue  # it is there, though it cannot be looked into
    return None


def _sentence(error: Exception) -> str:
    return error.what if isinstance(error, PluginError) else str(error)


def unknown(name: str, found: Sequence[Announcement]) -> UsageError:
    """What to raise where a plugin is asked for that is not among those that were found."""
    among = "" if is_allowed(name) else f" among those that {ALLOWED} allows"
    hint = suggestion(name, {one.name for one in found})
    return UsageError(f"there is no plugin {name!r}{among}", hint=hint)


def load(name: str) -> Plugin:
    """Import the announcement of a plugin.

    Raises:
        UsageError: there is no such plugin; the nearest name is given.
        PluginError: it is broken.
    """
    announcement = announced(name)
    owner = f"plugin {name} (from {announcement.distribution} {announcement.version})"
    if announcement.problem is not None:
        raise PluginError(announcement.problem, where=owner)
    module_name, _, attribute = announcement.target.partition(":")
    plugin = getattr(import_module(module_name, owner), attribute, None)
    if not isinstance(plugin, Plugin):
        raise PluginError(f"{announcement.target} is not a gansuite.plugin.Plugin", where=owner)
    return plugin
