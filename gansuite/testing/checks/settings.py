"""A plugin's settings."""

from __future__ import annotations

import dataclasses
from typing import Any

from gansuite.composition import Request, compose
from gansuite.config import settings_of, to_toml
from gansuite.errors import ConfigError
from gansuite.runs import Run
from gansuite.testing.promise import check, require
from gansuite.testing.subject import Subject


@check("settings", "Its settings, and those of its presets, are what they were when they are read again.")
def _settings(subject: Subject) -> None:
    plugin = subject.plugin
    configs = {"settings": subject.config}
    configs |= {f"preset {name}": _of_preset(subject, name) for name in plugin.presets}
    for number, (name, config) in enumerate(configs.items()):
        text = to_toml(config, header={"plugin": plugin.name, "api": plugin.api}, comments=True)
        run = Run.create(subject.folder / "settings" / str(number), plugin.name, text)
        require(run.config(type(config)) == config, "are read otherwise than they were written", where=name)


def _of_preset(subject: Subject, name: str) -> Any:
    """The settings of a preset, below what was asked for where it lacks something: a path of data, say."""
    try:
        return compose(subject.plugin, Request(preset=name))
    except ConfigError:
        return compose(subject.plugin, dataclasses.replace(subject.request, preset=name))


@check("flags", "Each of its flags is short for one of its settings.")
def _flags(subject: Subject) -> None:
    paths = {one.path for one in settings_of(type(subject.config))}
    for flag, path in subject.plugin.flags.items():
        require(path in paths, f"there is no setting {path}", where=f"--{flag}")


SETTINGS = (_settings, _flags)
