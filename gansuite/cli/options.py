"""Options that several verbs share, and what the shell completes them to."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

import click
from click.shell_completion import CompletionItem

from gansuite.errors import UsageError
from gansuite.registry import Announcement, announcements
from gansuite.runs import Named, Run

Function = TypeVar("Function", bound=Callable[..., Any])

LARGEST_SEED = 2**63 - 1
#: Seconds in a day: whoever waits for longer does not wait.
_MOST_PATIENCE = 86_400

_NAMED = get_args(Named)


def json_option(function: Function) -> Function:
    """Add ``--json`` as the argument ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(function)


def run_argument(function: Function) -> Function:
    """Add the argument RUN as an open ``Run``."""
    return click.argument("run", type=RunPath())(function)


def settings_options(function: Function) -> Function:
    """Add ``--preset``, ``--config`` and ``--set`` as the arguments ``preset``, ``files`` and ``sets``."""
    options = (
        click.option(
            "--preset", metavar="NAME", shell_complete=complete_preset, help="Settings under a name."
        ),
        click.option("--config", "files", multiple=True, type=GivenPath(), help="Settings as TOML."),
        click.option("--set", "sets", multiple=True, metavar="A.B=VALUE", help="One setting."),
    )
    return functools.reduce(lambda made, option: option(made), reversed(options), function)


def checkpoint_option(function: Function) -> Function:
    """Add ``--checkpoint`` as the argument ``checkpoint``: "newest", "best" or a step."""
    return click.option(
        "--checkpoint",
        metavar="newest|best|STEP",
        default="newest",
        show_default=True,
        callback=lambda _ctx, _parameter, value: _which(value),
        shell_complete=lambda _ctx, _parameter, typed: [one for one in _NAMED if one.startswith(typed)],
        help="Which checkpoint: the newest, the best by training.best, or that of a step.",
    )(function)


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A server that answers for a run.

    Attributes:
        url: its address.
        patience: seconds that it may be silent; None for as many as usual.
    """

    url: str
    patience: int | None = None


def server_option(function: Function) -> Function:
    """Add ``--server`` and ``--patience`` as the argument ``server``: a ``Remote``, or None."""

    @click.option(
        "--server",
        metavar="URL",
        help="Ask a server what RUN was exported to, such as http://localhost:8501 or grpc://localhost:8500, "
        "instead of loading it.",
    )
    @click.option(
        "--patience",
        type=click.IntRange(1, _MOST_PATIENCE),
        metavar="SECONDS",
        help="How long that server may be silent, and a tenth of how long an answer may take; 60 by default.",
    )
    @functools.wraps(function)
    def asking(*arguments: Any, server: str | None, patience: int | None, **named: Any) -> Any:
        if server is not None:
            return function(*arguments, server=Remote(url=server, patience=patience), **named)
        if patience is not None:
            hint = "Leave it out, or name a server: --server URL."
            raise UsageError("there is no server to wait for", where="--patience", hint=hint)
        return function(*arguments, server=None, **named)

    return cast(Function, asking)


missing_option = click.option(
    "--only-missing",
    is_flag=True,
    help="Leave out pictures of which the folder has a file by now: goes on after Ctrl-C.",
)


def _which(value: str) -> Any:
    if value in _NAMED:
        return value
    if not value.isdecimal():
        raise click.BadParameter(f"{value!r} is neither newest, nor best, nor a step")
    return int(value)


class OneOf(click.Choice):  # type: ignore[type-arg]  # click 8.1 knows no argument
    """What a setting can be: shown and completed here, checked with the settings, which know the reasons."""

    def convert(self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value


class GivenPath(click.Path):
    """A path that is not empty: to the system that would be the working folder."""

    def __init__(self, *, file_okay: bool = True) -> None:
        super().__init__(file_okay=file_okay, path_type=Path)

    def convert(self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("is empty: name a path", parameter, ctx)
        return super().convert(value, parameter, ctx)


class RunPath(GivenPath):
    """A run directory, opened."""

    name = "run"

    def __init__(self) -> None:
        super().__init__(file_okay=False)

    def convert(self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if isinstance(value, Run) else Run.open(super().convert(value, parameter, ctx))


def announced_among(words: Sequence[str | None]) -> Announcement | None:
    """Return what is known about the first plugin that is named among some words."""
    found = announcements()
    return next((one for word in words for one in found if one.name == word), None)


def complete_plugin(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Plugins that are not known to be broken, with their summaries."""
    return [
        CompletionItem(one.name, help=one.summary)
        for one in announcements()
        if one.problem is None and one.name.startswith(incomplete)
    ]


def complete_preset(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Presets of the plugin typed before."""
    # click stops at the option that is being completed: arguments before it are left where it found them.
    plugin = announced_among([ctx.params.get("plugin"), *ctx.args])
    names = plugin.presets if plugin is not None else {}
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_dataset(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of data sets."""
    from gansuite.data.cards import cards

    return [
        CompletionItem(name, help=card.title) for name, card in cards().items() if name.startswith(incomplete)
    ]


def complete_data(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of data sets, and files where none of them begins like this."""
    return [CompletionItem(incomplete, type="file"), *complete_dataset(ctx, parameter, incomplete)]
