"""``gansuite config``: every setting of a plugin."""

from __future__ import annotations

import click

from gansuite.cli.options import complete_plugin
from gansuite.cli.screen import Screen, results, verbose_option
from gansuite.composition import Request, compose
from gansuite.config import to_toml
from gansuite.plugin import Plugin
from gansuite.registry import load


def header(plugin: Plugin) -> dict[str, object]:
    """What config.toml says before the settings."""
    return {"plugin": plugin.name, "api": plugin.api}


@click.command()
@click.argument("plugin", shell_complete=complete_plugin)
@verbose_option
def config(plugin: str) -> None:
    """Show every setting of PLUGIN with its default and what it means, as TOML.

    The output is a file for --config.
    """
    Screen.current().prepare_tensorflow()
    announced = load(plugin)
    results(to_toml(compose(announced, Request()), header=header(announced)).rstrip("\n"))
