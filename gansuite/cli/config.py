"""``gansuite config``: every setting of a plugin."""

from __future__ import annotations

from pathlib import Path

import click

from gansuite.cli.options import complete_data, complete_plugin, settings_options
from gansuite.cli.screen import Screen, note, results, verbose_option
from gansuite.composition import Request, check_source, compose, data_layer, of_other_data
from gansuite.config import to_toml
from gansuite.plugin import Plugin
from gansuite.registry import load


def header(plugin: Plugin) -> dict[str, object]:
    """What config.toml says before the settings."""
    return {"plugin": plugin.name, "api": plugin.api}


@click.command()
@click.argument("plugin", shell_complete=complete_plugin)
@click.option(
    "--data",
    metavar="PATH|NAME",
    shell_complete=complete_data,
    help="As it is for this data; for the plugin's own by default.",
)
@settings_options
@verbose_option
def config(
    plugin: str, data: str | None, preset: str | None, files: tuple[Path, ...], sets: tuple[str, ...]
) -> None:
    """Show every setting of PLUGIN with its default and what it means, as TOML.

    Any part of the output is a file for --config; all of it also holds what is right for this data alone.
    """
    Screen.current().prepare_tensorflow()
    announced = load(plugin)
    flags = () if data is None else (data_layer(announced, data),)
    settings = compose(announced, Request(preset=preset, files=files, assignments=sets, flags=flags))
    if data is not None:
        check_source(announced, settings)
    for line in of_other_data(settings, files):
        note(line)
    results(to_toml(settings, header=header(announced)).rstrip("\n"))
