"""``gansuite datasets``: what data there is and how to get it."""

from __future__ import annotations

from pathlib import Path

import click

from gansuite.cli.group import NearestGroup
from gansuite.cli.options import complete_dataset
from gansuite.cli.screen import Screen, pass_screen, results, table, verbose_option
from gansuite.data.cards import card, cards, loader


@click.group(cls=NearestGroup)
@verbose_option
def datasets() -> None:
    """List and prepare the data sets that are known by name."""


@datasets.command("list")
@verbose_option
def list_datasets() -> None:
    """List data sets."""
    rows = [(one.name, one.summary) for one in cards().values()]
    results(table(("data set", "what it is"), rows))


@datasets.command()
@click.argument("name", shell_complete=complete_dataset)
@verbose_option
def info(name: str) -> None:
    """Show what a data set is, its licence and where it comes from."""
    one = card(name)
    rows = [("name", one.name), ("title", one.title), ("summary", one.summary), ("licence", one.licence)]
    rows += [("citation", one.citation), ("homepage", one.homepage), ("layout", one.layout)]
    rows += [("source", f"{source.url} ({source.size:,} bytes)") for source in one.sources]
    rows += [("plugins", ", ".join(one.settings))]
    results("\n".join(f"{label + ':':10}{text}" for label, text in rows if text))


@datasets.command()
@click.argument("name", shell_complete=complete_dataset)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    help="Take the data from here instead of fetching it.",
)
@verbose_option
@pass_screen
def prepare(screen: Screen, name: str, source: Path | None) -> None:
    """Fetch, unpack and check a data set; prints where it is."""
    screen.prepare_tensorflow()
    results(str(loader(card(name), source)))
