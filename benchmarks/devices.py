"""Whether two devices, or several workers, learn what one does, with each plugin's own settings.

    python benchmarks/devices.py [--plugin NAME]… [--workers N | --change-at STEP] [--seeds N…]
                                 [--set A.B=VALUE]… [--append] [--quick]

`gansuite train` takes 20 steps on the plugin's default data, once on one device and once on two logical ones,
with the same global batch; with `--workers`, in so many processes on this machine instead; with
`--change-at`, on one until a step and on two after it, and the other way round. The figure is
‖one - two‖ / ‖one‖ of the weight or running average that differs most, with the seed that is worst (promised:
below 1e-4).

Rounding alone makes about 1e-6. Where a network has kinks (ReLU), rounding now and then puts one number on
the other side of one: its slope is another then, and what follows differs by far more than rounding. With
`--set training.precision=float64` rounding is too fine for that: what is left is what devices change.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from results import REPOSITORY, Figure, options, parse, publish

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from gansuite.testing.reading import distance, tensors
from killing import devices_flags, finish
from tiny import TINY, plugins_of_this_repository
from workers import finish_together

STEPS = 20
LARGEST = 1e-4


def main() -> None:
    """Compare plugin after plugin."""
    parser = options(__doc__)
    plugins = plugins_of_this_repository()
    parser.add_argument("--plugin", action="append", choices=plugins, help="only this one")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--workers", type=int, default=0, help="processes instead of devices")
    kinds.add_argument("--change-at", type=int, default=0, help="step after which a run goes on on others")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of the runs")
    parser.add_argument("--set", dest="sets", action="append", default=[], help="of all runs")
    arguments = parse(parser)
    steps = 2 if arguments.quick else STEPS
    details: dict[str, dict[str, dict[str, float]]] = {}
    for plugin in arguments.plugin or plugins:
        details[plugin] = {}
        for seed in arguments.seeds:
            with tempfile.TemporaryDirectory() as folder:
                tiny = small(plugin, Path(folder)) if arguments.quick else []
                sets = [*tiny, *arguments.sets, f"training.seed={seed}"]
                found = compare(plugin, sets, steps, Path(folder), arguments)
            details[plugin][f"seed {seed}"] = found
            print(f"{plugin}, seed {seed}: {found}", file=sys.stderr)
    others = f"{arguments.workers} workers" if arguments.workers else "two devices"
    if arguments.change_at:
        others = f"one device until step {arguments.change_at} and two after it, or the reverse,"
    given = f" with {', '.join(arguments.sets)}" if arguments.sets else ""
    figures = [
        Figure(
            name=f"{plugin}{given}: relative difference of a weight on {others} after {steps} steps",
            value=max(max(found.values()) for found in of_seeds.values()), at_most=LARGEST,
            seeds=" ".join(str(seed) for seed in arguments.seeds),
        )
        for plugin, of_seeds in details.items()
    ]  # fmt: skip
    publish(arguments, figures, details)


def small(plugin: str, folder: Path) -> list[str]:
    """Return settings with which a plugin trains in seconds."""
    return [f"data.source={TINY[plugin].data(folder)}", *TINY[plugin].settings]


def compare(
    plugin: str, sets: list[str], steps: int, folder: Path, arguments: argparse.Namespace
) -> dict[str, float]:
    """Train on one device, and otherwise; what differs most of each network, by the network's name."""
    every = ",".join(f"{what}_every={steps}" for what in ("report", "sample", "checkpoint"))
    flags = [word for one in (f"training={{{every}}}", *sets) for word in ("--set", one)]
    command = ["train", plugin, "-q", *flags]
    whole = ["--steps", str(steps)]
    alone, together, reverse = folder / "alone", folder / "together", folder / "reverse"
    finish(*command, *whole, "--out", str(alone), *devices_flags(1))
    others = [together]
    if arguments.workers:
        finish_together(*[[*command, *whole, "--out", str(together)]] * arguments.workers)
    elif arguments.change_at:
        others.append(reverse)
        for run, devices in ((together, (1, 2)), (reverse, (2, 1))):
            first = ["--steps", str(arguments.change_at), "--out", str(run)]
            finish(*command, *first, *devices_flags(devices[0]))
            there = [*devices_flags(devices[1]), "--devices", str(devices[1])]
            finish("train", "--resume", str(run), "-q", *whole, *there)
    else:
        finish(*command, *whole, "--out", str(together), *devices_flags(2))
    found: dict[str, float] = {}
    expected = tensors(alone, steps)
    for state in (tensors(run, steps) for run in others):
        for name, one in expected.items():
            if name.startswith(("networks/", "averages/")):
                network = "/".join(name.split("/")[:2])
                found[network] = max(found.get(network, 0.0), distance(one, state[name]))
    return found


if __name__ == "__main__":
    main()
