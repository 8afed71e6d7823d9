"""``gansuite plugins``: what is installed, and whether it works."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gansuite.apart import COMMAND
from gansuite.cli.group import NearestGroup, verbs
from gansuite.cli.options import GivenPath, complete_data, json_option, settings_options
from gansuite.cli.screen import Screen, note, results, results_json, table, verbose_option
from gansuite.cli.watching import PATIENCE, TELLING, telling, watched, words_again
from gansuite.contributions import GROUPS, VERBS, contributed
from gansuite.distributions import entry_points
from gansuite.doctor import LIMIT, Diagnosis, diagnose, diagnose_contributions
from gansuite.errors import PluginError
from gansuite.registry import ALLOWED, GROUP, Announcement, announcements, unheard, unknown

if TYPE_CHECKING:
    from gansuite.testing import Report


@click.group(cls=NearestGroup)
@verbose_option
def plugins() -> None:
    """List, try out and begin plugins; listing runs none of their code."""


@plugins.command("list")
@verbose_option
def list_plugins() -> None:
    """List plugins, broken ones with the reason."""
    _tell_unheard()
    found = announcements()
    rows = [(one.name, _state(one), f"{one.distribution} {one.version}") for one in found]
    results(table(("plugin", "what it does", "from"), rows) if rows else f"no plugin is {_there()}")


def _tell_unheard() -> None:
    for name, hint in unheard().items():
        note(f"{ALLOWED} names {name}, and no installed plugin is called so\n  {hint}")


def _there() -> str:
    return f"installed that {ALLOWED} names" if unheard() else "installed"


def _state(one: Announcement) -> str:
    return one.summary if one.problem is None else f"broken: {one.problem}"


def _complete_any(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    return [one.name for one in announcements() if one.name.startswith(incomplete)]


@plugins.command()
@click.argument("name", shell_complete=_complete_any)
@verbose_option
def info(name: str) -> None:
    """Show what is known about a plugin."""
    results("\n\n".join(_describe(one) for one in _called_so(name)))


def _called_so(name: str) -> Sequence[Announcement]:
    """The plugin of a name, or all of them where there are several.

    Raises:
        UsageError: there is none.
    """
    found = announcements()
    matching = [one for one in found if one.name == name]
    if not matching:
        raise unknown(name, found)
    return matching


def _seconds_option(default: float, meaning: str) -> Any:
    kind = click.FloatRange(min=0, min_open=True)
    return click.option("--seconds", type=kind, default=default, show_default=True, help=meaning)


@plugins.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=_complete_any)
@_seconds_option(LIMIT, "That each may take.")
@json_option
@verbose_option
def doctor(names: tuple[str, ...], seconds: float, as_json: bool) -> None:
    """Import each plugin in a process of its own, and say what is wrong with it and what to do.

    Likewise commands, losses, metrics and data sets that packages bring along. Exits with 3 where something
    is wrong.
    """
    _tell_unheard()
    found = announcements()
    brought = {name for group in GROUPS for name in contributed(group)}
    for name in names:
        if name not in {one.name for one in found} | brought:
            raise unknown(name, found)
    diagnoses = [diagnose(one, limit=seconds) for one in found if not names or one.name in names]
    diagnoses += diagnose_contributions(names, limit=seconds)
    if as_json:
        results_json([dataclasses.asdict(one) for one in diagnoses])
    else:
        rows = [(_called(one), one.problem or "works", _times(one), one.remedy) for one in diagnoses]
        results(table(("plugin", "state", "seconds to import", "what to do"), rows))
    broken = [one for one in diagnoses if one.problem is not None]
    if broken:
        raise PluginError(f"{len(broken)} of {len(diagnoses)} do not work", where=_all_called(broken))


def _called(one: Diagnosis) -> str:
    return one.name if one.what == "plugin" else f"{one.what} {one.name}"


def _all_called(broken: Sequence[Diagnosis]) -> str:
    """What is broken, in words: the plugins first."""
    plugins = ", ".join(one.name for one in broken if one.what == "plugin")
    others = [_called(one) for one in broken if one.what != "plugin"]
    return ", ".join([*([f"plugins {plugins}"] if plugins else []), *others])


@plugins.command()
@click.argument("plugin", shell_complete=_complete_any)
@click.option("--data", metavar="PATH|NAME", shell_complete=complete_data, help="What to learn from.")
@settings_options
@click.option("--only", multiple=True, metavar="CHECK", help="This check, and others that are named.")
@click.option("--keep", type=GivenPath(file_okay=False), help="An empty folder, for what is made.")
@_seconds_option(PATIENCE, "That one check may take.")
@click.option(TELLING, "told", type=int, hidden=True)
@json_option
@verbose_option
@click.pass_context
def check(
    context: click.Context,
    /,
    plugin: str,
    data: str | None,
    preset: str | None,
    files: tuple[Path, ...],
    sets: tuple[str, ...],
    only: tuple[str, ...],
    keep: Path | None,
    seconds: float,
    told: int | None,
    as_json: bool,
) -> None:
    """Check whether a plugin keeps what every run is promised.

    Trains it for twenty steps of eight examples, several times; give settings with which this is quick. Exits
    with 3 where something does not hold.
    """
    if told is None:
        _called_so(plugin)
        # In a process of its own: what a plugin's code does to it is told by the one that is left.
        command, words = [*COMMAND, "plugins", "check"], words_again(context)
        context.exit(watched(command, words, limit=seconds, where=f"plugin {plugin}"))
    with telling(told, seconds) as tell:
        Screen.current().import_tensorflow()
        from gansuite.testing import check_plugin

        report = check_plugin(
            plugin, data=data, preset=preset, files=files, settings=sets, only=only, folder=keep, note=tell
        )
        _show(report, as_json)


def _show(report: Report, as_json: bool) -> None:
    if as_json:
        results_json([dataclasses.asdict(one) for one in report.outcomes])
    else:
        rows = [(one.check, one.state, f"{one.seconds:.1f}", one.promise) for one in report.outcomes]
        results(table(("check", "state", "seconds", "what is promised"), rows))
    note(report.summary)
    if report.problems:
        raise PluginError(
            "\n  ".join(["does not keep its promises:", *report.problems]), where=f"plugin {report.plugin}"
        )


@plugins.command()
@click.argument("name")
@click.option("-o", "folder", type=GivenPath(file_okay=False), help="Where to; ./NAME by default.")
@verbose_option
def new(name: str, folder: Path | None) -> None:
    """Write a new plugin to begin with, whole and tested; prints the files."""
    from gansuite.scaffold import scaffold

    # Also those that GANSUITE_PLUGINS hides now.
    taken = frozenset([*verbs(), *(point.name for _, point in entry_points(GROUP, VERBS))])
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
