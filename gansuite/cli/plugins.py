"""``gansuite plugins``: what is installed, and whether it works."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path

import click

from gansuite.cli.group import NearestGroup, verbs
from gansuite.cli.options import json_option
from gansuite.cli.screen import note, results, results_json, table, verbose_option
from gansuite.doctor import LIMIT, Diagnosis, diagnose
from gansuite.errors import PluginError
from gansuite.registry import Announcement, announcements, unknown


@click.group(cls=NearestGroup)
@verbose_option
def plugins() -> None:
    """List, try out and begin plugins; listing runs none of their code."""


@plugins.command("list")
@verbose_option
def list_plugins() -> None:
    """List plugins, broken ones with the reason."""
    found = announcements()
    rows = [(one.name, _state(one), f"{one.distribution} {one.version}") for one in found]
    results(table(("plugin", "what it does", "from"), rows) if rows else "no plugin is installed")


def _state(one: Announcement) -> str:
    return one.summary if one.problem is None else f"broken: {one.problem}"


def _complete_any(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    return [one.name for one in announcements() if one.name.startswith(incomplete)]


@plugins.command()
@click.argument("name", shell_complete=_complete_any)
@verbose_option
def info(name: str) -> None:
    """Show what is known about a plugin."""
    found = announcements()
    matching = [one for one in found if one.name == name]
    if not matching:
        raise unknown(name, found)
    results("\n\n".join(_describe(one) for one in matching))


@plugins.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=_complete_any)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=LIMIT,
    show_default=True,
    help="That a plugin may take.",
)
@json_option
@verbose_option
def doctor(names: tuple[str, ...], seconds: float, as_json: bool) -> None:
    """Import each plugin in a process of its own, and say what is wrong with it and what to do.

    Exits with 3 where something is wrong.
    """
    found = announcements()
    for name in names:
        if name not in {one.name for one in found}:
            raise unknown(name, found)
    diagnoses = [diagnose(one, limit=seconds) for one in found if not names or one.name in names]
    if as_json:
        results_json([dataclasses.asdict(one) for one in diagnoses])
    else:
        rows = [(one.name, one.problem or "works", _times(one), one.remedy) for one in diagnoses]
        results(table(("plugin", "state", "seconds to import", "what to do"), rows))
    broken = [one.name for one in diagnoses if one.problem is not None]
    if broken:
        raise PluginError(
            f"{len(broken)} of {len(diagnoses)} do not work", where=f"plugins {', '.join(broken)}"
        )


@plugins.command()
@click.argument("name")
@click.option(
    "-o", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where to; ./NAME by default."
)
@verbose_option
def new(name: str, folder: Path | None) -> None:
    """Write a new plugin to begin with, whole and tested; prints the files."""
    from gansuite.scaffold import scaffold

    taken = frozenset([*verbs(), *(one.name for one in announcements())])
    target = folder if folder is not None else Path(name)
    for file in scaffold(name, target, taken):
        results(str(file))
    note(f"next: pip install -e {shlex.quote(str(target))} && gansuite train {name}")


def _times(one: Diagnosis) -> str:
    return ", ".join(f"{stage} {seconds:g}" for stage, seconds in one.seconds.items())


def _describe(one: Announcement) -> str:
    rows = [("name", one.name), ("what it does", one.summary), ("broken", one.problem or "")]
    rows += [("from", f"{one.distribution} {one.version}"), ("announced in", one.target)]
    if one.plugin is not None:
        rows += [("interface", str(one.plugin.api)), ("settings", one.plugin.config)]
        rows += [("domain", one.plugin.domain), ("presets", ", ".join(one.presets) or "none")]
        rows += [("reads", ", ".join(one.plugin.reads) or "data of any kind")]
        rows += [("flags", ", ".join(f"--{name}" for name in one.plugin.flags))]
    lines = [f"{label + ':':14}{text}" for label, text in rows if text]
    return "\n".join(lines)
