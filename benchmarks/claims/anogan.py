"""How well `f-anogan` and `anogan` tell one class of Fashion-MNIST from the nine others.

Each class in turn is the normal one: the GAN sees nothing else, and every other class of the test split is an
anomaly. `f-anogan` is measured on the whole test split; `anogan`, whose every score is a search of 500 steps,
on a fixed choice of 500 of its pictures. Beside it: the squared differences from 32 principal components of
the same training pictures. Training runs with the settings of the data set's card; its time is measured
without what reading the data takes.

    python benchmarks/claims/anogan.py f-anogan --append
    python benchmarks/claims/anogan.py anogan --classes 0 4 8 --append
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from results import SHARED_DATA, Figure, options, parse, publish
from training import judged

from gansuite.config import Layer, assignments, resolve, to_toml
from gansuite.data.cards import card
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.training.observers import Metrics
from gansuite.training.session import train

DATA = "fashion-mnist"
CLASSES = tuple(range(10))
#: What is promised: of the mean over classes, and of each class's training in seconds.
PROMISES = {"f-anogan": 0.90, "anogan": 0.85}
SECONDS = {"f-anogan": 180.0}
PICTURES = {"f-anogan": 10_000, "anogan": 500}
QUICK: dict[str, dict[str, Any]] = {
    "f-anogan": {"training": {"steps": 2}, "adversarial_steps": 1},
    "anogan": {"training": {"steps": 2}, "search": {"steps": 2}},
}


def main() -> None:
    """Measure class after class."""
    parser = options(__doc__)
    parser.add_argument("plugin", choices=list(PROMISES))
    parser.add_argument("--data", type=Path, default=SHARED_DATA / DATA, help="folder of the IDX files")
    parser.add_argument("--classes", type=int, nargs="+", choices=CLASSES, default=CLASSES, metavar="CLASS")
    parser.add_argument("--pictures", type=int, help="how many test pictures to score")
    parser.add_argument("--set", dest="sets", action="append", default=[], metavar="A.B=VALUE")
    parser.add_argument("--runs", type=Path, help="keep the runs in this folder")
    arguments = parse(parser)
    with tempfile.TemporaryDirectory() as folder:
        runs = arguments.runs or Path(folder)
        found = {
            one: measure(arguments, one, runs / f"{arguments.plugin}-{one}") for one in arguments.classes
        }
    publish(arguments, figures(arguments, found), {"plugin": arguments.plugin, "classes": found})


def measure(arguments: Any, normal: int, folder: Path) -> dict[str, float]:
    """Train on one class and judge; AUROC by name, and how long it took."""
    run, seconds = trained(arguments, normal, folder)
    count = arguments.pictures or (64 if arguments.quick else PICTURES[arguments.plugin])
    begun = time.perf_counter()
    scores = {name: score.value for name, score in judged(run.path, count).items()}
    judging = time.perf_counter() - begun
    kept = {name: round(value, 4) for name, value in scores.items() if value == value}
    print(f"class {normal}: {seconds:.0f} s of training, {judging:.0f} s of judging, {kept}", file=sys.stderr)
    return {**kept, "training_seconds": round(seconds, 1), "judging_seconds": round(judging, 1)}


def trained(arguments: Any, normal: int, folder: Path) -> tuple[Run, float]:
    """Train with the settings of the card; the run, and the seconds from its first to its last step."""
    announced = load(arguments.plugin)
    sets = [f"data.source={arguments.data}", f"data.normal={normal}", *arguments.sets]
    layers = [Layer(DATA, card(DATA).settings[arguments.plugin]), assignments(sets)]
    if arguments.quick:
        layers.append(Layer("--quick", QUICK[arguments.plugin]))
    config: Any = resolve(announced.config_class(), layers)
    header = {"plugin": arguments.plugin, "api": announced.api}
    run = Run.create(folder, arguments.plugin, to_toml(config, header=header))
    domain = announced.build_domain(config)
    domain.examples("train")
    begun = time.perf_counter()
    train(run, domain, config.training, [Metrics()])
    return run, time.perf_counter() - begun


def figures(arguments: Any, found: Mapping[int, Mapping[str, float]]) -> list[Figure]:
    """Return the means over the classes, and the longest training."""
    plugin, classes = arguments.plugin, " ".join(map(str, found))
    names = [name for name in ("AUROC", "AUROC, PCA") if all(name in one for one in found.values())]
    means = [
        Figure(
            name=f"{plugin}, Fashion-MNIST, mean {name} with normal class {classes}",
            value=fmean(one[name] for one in found.values()),
            at_least=PROMISES[plugin] if name == "AUROC" else None,
            seeds="0",
        )
        for name in names
    ]
    longest = max(one["training_seconds"] for one in found.values())
    name = f"{plugin}, Fashion-MNIST, training of a class at most"
    return [*means, Figure(name=name, value=longest, unit="s", at_most=SECONDS.get(plugin), seeds="0")]


if __name__ == "__main__":
    main()
