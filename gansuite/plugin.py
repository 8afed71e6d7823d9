"""How a plugin announces itself without importing anything heavy."""

from __future__ import annotations

import dataclasses
import importlib
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from gansuite.errors import GansuiteError, PluginError
from gansuite.origin import said

API = 1
"""The newest plugin interface this version speaks."""

SEE = "gansuite -v shows the traceback"
"""What to do next where somebody's code failed."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_FLAG = re.compile(r"[a-z][a-z0-9-]{1,31}")
_SETTING = re.compile(r"[a-z]\w*(\.[a-z]\w*)*")
_TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plugin:
    """A domain under a name, registered as an entry point of the group ``gansuite.plugins``.

    All arguments must be literals, so that plugins are listed without running any of their code.

    Attributes:
        name: what is typed, equal to the entry point's name: lower-case letters, digits, ``-`` and ``_``.
        summary: one line for lists.
        api: the plugin interface it was written for.
        config: ``module:Class`` of its settings, a frozen dataclass made with ``gansuite.config.setting``.
        domain: ``module:Class`` of its ``gansuite.domain.Domain``.
        presets: name -> nested settings, a layer above the defaults.
        reads: the kinds of data it learns from, as cards of data sets call what they hold; none: any.
        flags: name of a flag of ``gansuite train``, without dashes -> the setting that it is short for.
        use: what to do with a trained run, as it is typed behind ``gansuite``, with ``RUN`` for its path:
            ``upscale RUN PICTURES -o FOLDER``; none: ``generate``, or ``evaluate`` without an endpoint
            ``sample``.
    """

    name: str
    summary: str
    api: int = 1
    config: str
    domain: str
    presets: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    reads: tuple[str, ...] = ()
    flags: Mapping[str, str] = dataclasses.field(default_factory=dict)
    use: str = ""

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem is not None:
            raise PluginError(problem, where=f"plugin {self.name}")

    def _problem(self) -> str | None:
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            return "a name consists of lower-case letters, digits, - and _"
        if not isinstance(self.summary, str) or not self.summary.strip() or "\n" in self.summary:
            return "the summary must be one line of text"
        if type(self.api) is not int or self.api < 1:
            return f"api must be a whole number of at least 1, not {self.api!r}"
        if self.api > API:
            return newer(self.api)
        for role, target in (("config", self.config), ("domain", self.domain)):
            if not isinstance(target, str) or not _TARGET.fullmatch(target):
                return f'{role} must be "module:Class", not {target!r}'
        if not _is_nested(self.presets):
            return "presets must be a mapping of names to mappings of settings"
        if not isinstance(self.reads, tuple) or not all(isinstance(kind, str) for kind in self.reads):
            return 'reads must be a tuple of kinds of data, such as ("pictures",)'
        if not _are_flags(self.flags):
            return "flags must be a mapping of names, such as my-flag, to settings, such as data.size"
        if not isinstance(self.use, str) or (self.use and "RUN" not in self.use.split()):
            return "use must be a command with RUN in it, such as upscale RUN PICTURES -o FOLDER"
        return None

    def config_class(self) -> type:
        """Import the class of its settings.

        Raises:
            PluginError: importing failed or exited, or there is no such class.
        """
        return self._class(self.config)

    def domain_class(self) -> type:
        """Import the class of its domain (with TensorFlow).

        Raises:
            PluginError: importing failed or exited, or there is no such class.
        """
        return self._class(self.domain)

    def build_domain(self, config: Any) -> Any:
        """Make its domain for a config of its own.

        Raises:
            PluginError: its code failed or exited; a GansuiteError that it raises stays as it is.
        """
        domain_class = self.domain_class()
        try:
            return domain_class(config)
        except (GansuiteError, KeyboardInterrupt):
            raise
        except BaseException as error:
            what = f"making its domain failed: {said(error)}"
            raise PluginError(what, where=f"plugin {self.name}", hint=SEE) from error

    def _class(self, target: str) -> type:
        module_name, _, name = target.partition(":")
        found = getattr(import_module(module_name, f"plugin {self.name}"), name, None)
        if not isinstance(found, type):
            raise PluginError(f"{module_name} has no class {name}", where=f"plugin {self.name}")
        return found


def newer(api: int) -> str:
    """What to say about something that was written for a later plugin interface."""
    return f"is written for plugin interface {api}; this gansuite speaks up to {API}"


def import_module(name: str, owner: str) -> ModuleType:
    """Import somebody else's module; whatever it raises, an exit included, becomes a PluginError.

    Only an interrupt and a GansuiteError pass as they are.

    Args:
        name: dotted name of the module.
        owner: whom the message names, such as ``plugin NAME``.
    """
    try:
        return importlib.import_module(name)
    except (GansuiteError, KeyboardInterrupt):
        raise
    except BaseException as error:
        what = f"importing {name} failed: {said(error)}"
        raise PluginError(what, where=owner, hint=SEE) from error


def _is_nested(presets: object) -> bool:
    return isinstance(presets, Mapping) and all(
        isinstance(name, str) and isinstance(values, Mapping) for name, values in presets.items()
    )


def _are_flags(flags: object) -> bool:
    return isinstance(flags, Mapping) and all(
        isinstance(name, str) and _FLAG.fullmatch(name) and isinstance(path, str) and _SETTING.fullmatch(path)
        for name, path in flags.items()
    )
