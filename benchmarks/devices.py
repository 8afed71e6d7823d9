"""Whether two devices, or several workers, learn what one does, with each plugin's own settings.

    python benchmarks/devices.py [--plugin NAME]… [--workers N] [--seeds N…] [--set A.B=VALUE]…
                                 [--append] [--quick]

`gansuite train` takes 20 steps on the plugin's default data, once on one device and once on two logical ones,
with the same global batch; with `--workers`, in so many processes on this machine instead. The figure is
‖one - two‖ / ‖one‖ of the weight or running average that differs most, with the seed that is worst (promised:
below 1e-4).

Rounding alone makes about 1e-6. Where a network has kinks (ReLU), rounding now and then puts one number on
the other side of one: its slope is another then, and what follows differs by far more than rounding. With
`--set training.precision=float64` rounding is too fine for that: what is left is what devices change.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from results import REPOSITORY, Figure, options, parse, publish

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from workers import finish_together

from killing import devices_flags, distance, finish, tensors
from tiny import TINY, plugins_of_this_repository

STEPS = 20
LARGEST = 1e-4


def main() -> None:
    """Compare plugin after plugin."""
    parser = options(__doc__)
    plugins = plugins_of_this_repository()
    parser.add_argument("--plugin", action="append", choices=plugins, help="only this one")
    parser.add_argument("--workers", type=int, default=0, help="processes instead of devices")
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
                found = compare(plugin, sets, steps, Path(folder), arguments.workers)
            details[plugin][f"seed {seed}"] = found
            print(f"{plugin}, seed {seed}: {found}", file=sys.stderr)
    others = f"{arguments.workers} workers" if arguments.workers else "two devices"
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


def compare(plugin: str, sets: list[str], steps: int, folder: Path, processes: int) -> dict[str, float]:
    """Train twice; what differs most of each network, by the network's name."""
    every = ",".join(f"{what}_every={steps}" for what in ("report", "sample", "checkpoint"))
    flags = [word for one in (f"training={{{every}}}", *sets) for word in ("--set", one)]
    command = ["train", plugin, "--steps", str(steps), "-q", *flags]
    alone, together = folder / "alone", folder / "together"
    finish(*command, "--out", str(alone), *devices_flags(1))
    if processes:
        finish_together(*[[*command, "--out", str(together)]] * processes)
    else:
        finish(*command, "--out", str(together), *devices_flags(2))
    states = [tensors(run, steps) for run in (alone, together)]
    found: dict[str, float] = {}
    for name, one in states[0].items():
        if name.startswith(("networks/", "averages/")):
            network = "/".join(name.split("/")[:2])
            found[network] = max(found.get(network, 0.0), distance(one, states[1][name]))
    return found


if __name__ == "__main__":
    main()
