"""What keeps a GAN from making one picture again and again: each remedy, in a setting made to collapse.

    python benchmarks/claims/collapse.py [--seeds N] [--out FOLDER] [--append] [--quick]

A small `dcgan` without batch normalisation learns scikit-learn's digits at 16 × 16 for some hundred steps:

- with a discriminator that learns too fast for a saturating loss, which leaves the generator without a
  gradient: alone, with a gradient penalty, with spectral normalisation;
- with a generator that runs after whatever is judged well at the moment: alone, with minibatch deviation.

Judged are 1,000 samples of the latest generator (no running average, which would hide what it runs after), by
FID with the features of a classifier of the digits. Promised, of the mean over the seeds: a remedy halves it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

from results import Figure, options, parse, publish
from training import QUIET, judged, kept, train

from gansuite.apart import COMMAND

COUNT = 1000
KEPT = ("FID", "recall", "duplicates")
SIZE = 16
#: With `--quick`.
SMALL = 8
SETTINGS = (
    "data.channels=1", "generator={width=16,batch_norm=false}",
    "discriminator={width=16,batch_norm=false}",
    QUIET, "training.average=0",
)  # fmt: skip
#: A run's name where nothing is done against the collapse.
ALONE = "no remedy"


@dataclass(frozen=True, kw_only=True)
class Collapse:
    """A setting made to collapse.

    Args:
        settings: what makes it.
        remedies: a setting that keeps it from that, by name.
        steps: how long each run is.
    """

    settings: tuple[str, ...]
    remedies: Mapping[str, str]
    steps: int

    @property
    def variants(self) -> dict[str, tuple[str, ...]]:
        """All settings of a run, by what is done against the collapse."""
        helped = {name: (*self.settings, remedy) for name, remedy in self.remedies.items()}
        return {ALONE: self.settings, **helped}


COLLAPSES = {
    "too fast a discriminator": Collapse(
        settings=(
            "loss=minimax", "rounds=3", "generator_optimizer={learning_rate=5e-4,beta_1=0.5}",
            "discriminator_optimizer={learning_rate=2e-3,beta_1=0.5}",
        ),
        remedies={
            "gradient penalty": "penalty={kind='gradient',weight=1}",
            "spectral normalisation": "discriminator.spectral_norm=true",
        },
        steps=1000,
    ),
    "too fast a generator": Collapse(
        settings=(
            "generator_optimizer={learning_rate=1e-3,beta_1=0.9}",
            "discriminator_optimizer={learning_rate=1e-4,beta_1=0.5}",
        ),
        remedies={"minibatch deviation": "discriminator.deviation=true"},
        steps=1600,
    ),
}  # fmt: skip
QUICK = ("too fast a generator",)


def main() -> None:
    """Measure every variant of every setting."""
    parser = options(__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="how many runs of each")
    parser.add_argument("--out", type=Path, help="keep the runs here")
    arguments = parse(parser)
    seeds, names = (1, QUICK) if arguments.quick else (arguments.seeds, tuple(COLLAPSES))
    form = ["--size", str(size(arguments)), "--channels", "1", "--fit", "crop"]
    command = [*COMMAND, "datasets", "features", "digits", *form]
    subprocess.run(command, check=True, stdout=sys.stderr)  # standard output is for the figures
    with kept(arguments.out) as folder:
        details = {
            name: {
                variant: [
                    measure(arguments, collapse, variant, folder / f"{name} {variant} {seed}", seed)
                    for seed in range(seeds)
                ]
                for variant in collapse.variants
            }
            for name, collapse in ((name, COLLAPSES[name]) for name in names)
        }
    publish(arguments, figures(details), {"runs": details})


def measure(
    arguments: argparse.Namespace, collapse: Collapse, variant: str, path: Path, seed: int
) -> dict[str, float]:
    """Train and judge one run."""
    sets = (*SETTINGS, f"data.size={size(arguments)}", *collapse.variants[variant], f"training.seed={seed}")
    train("dcgan", path, data="digits", sets=sets, steps=2 if arguments.quick else collapse.steps)
    scores = judged(path, 64 if arguments.quick else COUNT)
    return {name: round(scores[name].value, 4) for name in KEPT}


def size(arguments: argparse.Namespace) -> int:
    """Return the pixels of a side."""
    return SMALL if arguments.quick else SIZE


def figures(details: Mapping[str, Mapping[str, list[dict[str, Any]]]]) -> list[Figure]:
    """The FID with each remedy over that without."""
    found = []
    for name, variants in details.items():
        means = {variant: fmean(one["FID"] for one in runs) for variant, runs in variants.items()}
        seeds = ", ".join(str(seed) for seed in range(len(variants[ALONE])))
        found += [
            Figure(
                name=f"{name}: FID with {variant} ({mean:.0f}) over that without ({means[ALONE]:.0f})",
                value=mean / means[ALONE], unit="x", at_most=0.5, seeds=seeds,
            )
            for variant, mean in means.items()
            if variant != ALONE
        ]  # fmt: skip
    return found


if __name__ == "__main__":
    main()
