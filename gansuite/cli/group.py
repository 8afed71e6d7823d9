"""The ``gansuite`` command: a table of verbs, each imported when it is typed."""

from __future__ import annotations

import importlib

import click
from click.shell_completion import CompletionItem

import gansuite as package
from gansuite import modules
from gansuite.cli.screen import Screen, verbose_option
from gansuite.contributions import VERBS as PLUGIN_VERBS
from gansuite.contributions import bring, contributed
from gansuite.errors import PluginError
from gansuite.nearest import suggestion

VERBS = {
    "train": "Train a model, or go on with a run.",
    "generate": "Make something new with a trained run.",
    "evaluate": "Measure how good a run is.",
    "export": "Write a run as a SavedModel for TensorFlow Serving.",
    "config": "Show every setting of a plugin, as TOML.",
    "report": "Write a run's report.html.",
    "plugins": "List, check and begin plugins.",
    "datasets": "List and prepare data sets.",
}


class NearestGroup(click.Group):
    """A group that names the nearest command when one is mistyped."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"No such command {args[0]!r}: {suggestion(args[0], known)}", ctx)
        return super().resolve_command(ctx, args)


class LazyGroup(NearestGroup):
    """A group that knows its verbs' names and help lines without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return verbs()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in VERBS:
            command = getattr(importlib.import_module(f"gansuite.cli.{cmd_name}"), cmd_name)
        elif cmd_name in contributed(PLUGIN_VERBS):
            command = _load(cmd_name, Screen.current())
        else:
            return None
        assert isinstance(command, click.Command)  # noqa: S101  both branches make sure of it
        return command

    def invoke(self, ctx: click.Context) -> None:
        try:
            # What a verb returns is no exit code, which it would become: those are raised, by `ctx.exit()`.
            super().invoke(ctx)
        except SystemExit as error:
            # click leaves by an exception of its own; a plugin must not end a run as if all were well.
            what = f"a plugin's code ended the process ({error.code})"
            raise PluginError(what, where=f"gansuite {ctx.invoked_subcommand}") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_help_lines().items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        lines = _help_lines().items()
        verbs = [CompletionItem(name, help=text) for name, text in lines if name.startswith(incomplete)]
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]


def verbs() -> list[str]:
    """Every verb, those of plugins last."""
    return [*VERBS, *sorted(set(contributed(PLUGIN_VERBS)) - set(VERBS))]


def _help_lines() -> dict[str, str]:
    lines = dict(VERBS)
    for name, owners in contributed(PLUGIN_VERBS).items():
        lines.setdefault(name, _help_line(owners[0].distribution, owners[0].target))
    return lines


def _help_line(distribution: str, target: str) -> str:
    module_name, _, attribute = target.partition(":")
    try:
        line = modules.first_line_of_docstring(modules.parse(module_name), attribute)
    except modules.UnreadableError:
        line = None
    return line or f"From {distribution}."


def _load(name: str, screen: Screen) -> click.Command:
    screen.prepare_tensorflow()
    command, owner = bring(PLUGIN_VERBS, name, "command")
    if not isinstance(command, click.Command):
        raise PluginError("is not a click command", where=owner)
    return command


@click.group(
    cls=LazyGroup,
    name="gansuite",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog='Completion in bash: eval "$(_GANSUITE_COMPLETE=bash_source gansuite)"; zsh and fish likewise.',
)
@click.version_option(package.__version__, prog_name="gansuite")
@verbose_option
def gansuite() -> None:
    """Generative adversarial networks as plugins on one Keras core.

    First: gansuite plugins list, then gansuite train PLUGIN and gansuite generate RUN.
    """
