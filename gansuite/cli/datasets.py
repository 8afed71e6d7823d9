"""``gansuite datasets``: what data there is and how to get it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from gansuite.cli.group import NearestGroup
from gansuite.cli.options import GivenPath, complete_data, complete_dataset
from gansuite.cli.screen import Screen, pass_screen, results, table, verbose_option
from gansuite.data.cards import card, cards, loader, locate
from gansuite.errors import UsageError

if TYPE_CHECKING:
    from gansuite.data.images.form import Fit


@click.group(cls=NearestGroup)
@verbose_option
def datasets() -> None:
    """List and prepare the data sets that are known by name."""


@datasets.command("list")
@verbose_option
def list_datasets() -> None:
    """List data sets."""
    rows = [(one.name, one.holds, one.summary) for one in cards().values()]
    results(table(("data set", "holds", "what it is"), rows))


@datasets.command()
@click.argument("name", shell_complete=complete_dataset)
@verbose_option
def info(name: str) -> None:
    """Show what a data set is, its licence and where it comes from."""
    one = card(name)
    rows = [("name", one.name), ("title", one.title), ("summary", one.summary), ("holds", one.holds)]
    rows += [("licence", one.licence), ("citation", one.citation), ("homepage", one.homepage)]
    rows += [("layout", one.layout)]
    rows += [("source", f"{source.url} ({source.size:,} bytes)") for source in one.sources]
    rows += [("plugins", ", ".join(one.settings))]
    results("\n".join(f"{label + ':':10}{text}" for label, text in rows if text))


@datasets.command()
@click.argument("name", shell_complete=complete_dataset)
@click.option(
    "--from",
    "source",
    type=GivenPath(),
    help="Take the data from here instead of fetching it.",
)
@verbose_option
@pass_screen
def prepare(screen: Screen, name: str, source: Path | None) -> None:
    """Fetch, unpack and check a data set; prints where it is."""
    screen.prepare_tensorflow()
    results(str(loader(card(name), source)))


@datasets.command()
@click.argument("data", metavar="NAME|PATH", shell_complete=complete_data)
@click.option("--size", type=click.IntRange(8, 1024), help="Of the pictures; the data set's own by default.")
@click.option("--channels", type=click.Choice(["1", "3"]), help="1 for grey, 3 for colour.")
@click.option("--fit", type=click.Choice(["crop", "pad", "stretch"]), help="What happens to other shapes.")
@click.option(
    "--valid-share",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.1,
    show_default=True,
    help="Held out, where the data is not divided.",
)
@verbose_option
@pass_screen
def features(
    screen: Screen, data: str, size: int | None, channels: str | None, fit: str | None, valid_share: float
) -> None:
    """Train a small classifier on labelled pictures, once, for gansuite evaluate to judge by.

    Size, channels, fit and what is held out must be those of the runs that it judges.
    """
    if data in cards() and card(data).holds != "pictures":
        raise UsageError(f"holds {card(data).holds}, not pictures", where=f"data set {data}")
    screen.import_tensorflow()
    from gansuite.data.images.form import Form
    from gansuite.data.images.preparing import prepare_images
    from gansuite.metrics.features.classifier import train_classifier

    known = _form_of(data)
    form = Form(
        size=size or known.get("size", 32),
        channels=int(channels or known.get("channels", 3)),
        fit=cast("Fit", fit or known.get("fit", "crop")),
    )
    model, accuracy = train_classifier(prepare_images(locate(data), form, valid_share=valid_share))
    results(f"{model.describe()}\naccuracy on held-out pictures: {accuracy:.4f}")


def _form_of(data: str) -> Mapping[str, Any]:
    """What a data set's card says of the form of its pictures."""
    of_plugins = cards()[data].settings.values() if data in cards() else ()
    return next((one["data"] for one in of_plugins if "size" in one.get("data", {})), {})
