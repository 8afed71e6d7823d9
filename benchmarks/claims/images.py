"""What the image family's papers claim, in small: pictures get closer to real ones the longer they train.

    python benchmarks/claims/images.py [--plugin NAME]… [--minutes N] [--data PATH] [--out FOLDER]
                                       [--append] [--quick]

Each plugin learns Fashion-MNIST at 32 × 32 for `--minutes` (12) at the settings of that data set's card, and
is judged at a third of the time and at the end: FID and KID of 10,000 samples by the features of a classifier
trained on the data set itself (promised: at least 91 % accurate; FID and KID falling), and for `cgan` the
share of samples in which the classifier sees the label asked for (promised: at least 90 %).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

from results import SHARED_DATA, Figure, options, parse, publish
from training import QUIET, judged, kept, train

from gansuite.data.cards import cards
from gansuite.data.images.form import Form
from gansuite.data.images.preparing import prepare_images
from gansuite.metrics.features.classifier import train_classifier

PLUGINS = ("dcgan", "wgan", "wgan-gp", "sngan", "cgan")
COUNT = 10_000
#: Parts of the time at which a run is judged.
STAGES = (1 / 3, 1.0)
CARD = "fashion-mnist"
TINY = ("data.size=8", "generator.width=4", "discriminator.width=4", "training.batch_size=8")


def main() -> None:
    """Measure plugin after plugin."""
    parser = options(__doc__)
    parser.add_argument("--plugin", action="append", choices=PLUGINS, help="only this one")
    parser.add_argument("--minutes", type=float, default=12.0, help="that each trains")
    parser.add_argument("--data", type=Path, default=SHARED_DATA / CARD, metavar="PATH")
    parser.add_argument("--out", type=Path, help="keep the runs here")
    arguments = parse(parser)
    _, accuracy = train_classifier(prepare_images(arguments.data, form(arguments)))
    with kept(arguments.out) as folder:
        details = {
            plugin: measure(plugin, arguments, folder / plugin) for plugin in arguments.plugin or PLUGINS
        }
    classifier = Figure(
        name=f"classifier of {CARD}: right on held-out pictures", value=100 * accuracy, unit="%",
        at_least=91, seeds="0",
    )  # fmt: skip
    found = [figure for plugin, stages in details.items() for figure in figures(plugin, stages)]
    publish(arguments, [classifier, *found], details)


def measure(plugin: str, arguments: argparse.Namespace, path: Path) -> list[dict[str, Any]]:
    """Train one plugin, and judge it at each stage."""
    settings = [*of_card(plugin), QUIET, *(TINY if arguments.quick else ())]
    stages, before = [], 0.0
    for number, part in enumerate(STAGES, start=1):
        train(
            plugin,
            path,
            data=str(arguments.data),
            sets=settings if number == 1 else (),
            steps=2 * number if arguments.quick else None,
            minutes=None if arguments.quick else (part - before) * arguments.minutes,
        )
        scores = judged(path, 64 if arguments.quick else COUNT)
        stages.append({name: score.value for name, score in scores.items()})
        before = part
    return stages


def figures(plugin: str, stages: list[dict[str, Any]]) -> list[Figure]:
    """The last stage's figures, and whether they fell."""
    first, last = stages[0], stages[-1]
    found = [
        Figure(name=f"{plugin} on {CARD}: {name} of {COUNT} samples", value=last[name], seeds="0")
        for name in ("FID", "KID")
    ]
    found += [
        Figure(
            name=f"{plugin} on {CARD}: {name} at the end over that at a third of the time",
            value=last[name] / first[name], unit="x", at_most=1, seeds="0",
        )
        for name in ("FID", "KID")
    ]  # fmt: skip
    if "label agreement" in last:
        name = f"{plugin} on {CARD}: samples that show their label"
        share = 100 * last["label agreement"]
        found.append(Figure(name=name, value=share, unit="%", at_least=90, seeds="0"))
    return found


def form(arguments: argparse.Namespace) -> Form:
    """How pictures are prepared."""
    return Form(size=8 if arguments.quick else 32, channels=1, fit="pad")


def of_card(plugin: str) -> list[str]:
    """The settings that the data set's card has for a plugin, for data that lies elsewhere."""
    return list(_flat("", cards()[CARD].settings[plugin]))


def _flat(prefix: str, values: Mapping[str, Any]) -> list[str]:
    found = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            found += _flat(f"{prefix}{key}.", value)
        else:
            found.append(f"{prefix}{key}={str(value).lower() if isinstance(value, bool) else value}")
    return found


if __name__ == "__main__":
    main()
