"""``gansuite plugins``: what is installed."""

from __future__ import annotations

import click

from gansuite.cli.group import NearestGroup
from gansuite.cli.screen import results, table, verbose_option
from gansuite.errors import UsageError
from gansuite.nearest import suggestion
from gansuite.registry import Announcement, announcements


@click.group(cls=NearestGroup)
@verbose_option
def plugins() -> None:
    """List the installed plugins; none of their code is run."""


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
        raise UsageError(f"there is no plugin {name!r}", hint=suggestion(name, {one.name for one in found}))
    results("\n\n".join(_describe(one) for one in matching))


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
