"""How the pace of training changes with the number of devices and of workers on this machine.

    python benchmarks/scaling.py [--plugin NAME]… [--steps N] [--append] [--quick]

`gansuite train` trains plugins (`dcgan` and `musegan` unless told otherwise) with their default settings on
one device, on two and four logical ones, and with two worker processes on 127.0.0.1, always with the same
global batch. A figure is the pace, the median over the reports but for the first two, over that on one
device. On a machine without GPUs all of them share its cores, so no gain can be expected: what is lost is
what dividing and summing cost there.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from growth import pace
from results import REPOSITORY, Figure, options, parse, publish

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from gansuite.reporting.records import read_rows
from gansuite.runs import Run
from killing import devices_flags, finish
from workers import finish_together

PLUGINS = ("dcgan", "musegan")
DEVICES = (1, 2, 4)
WORKERS = (2,)
REPORT_EVERY = 10
WARM_UP = 2


def main() -> None:
    """Measure plugin after plugin."""
    parser = options(__doc__)
    parser.add_argument("--plugin", action="append", help="only this one")
    parser.add_argument("--steps", type=int, default=80, help="of each run")
    arguments = parse(parser)
    steps = 3 * REPORT_EVERY if arguments.quick else arguments.steps
    figures, details = [], {}
    for plugin in arguments.plugin or PLUGINS:
        with tempfile.TemporaryDirectory() as folder:
            paces = measured(plugin, steps, Path(folder))
        details[plugin] = {name: round(value, 2) for name, value in paces.items()}
        alone, *others = paces
        figures += [
            Figure(
                name=f"{plugin}: pace on {name} over one device's", value=paces[name] / paces[alone], unit="x"
            )
            for name in others
        ]
    publish(arguments, figures, {"examples_per_second": details})


def measured(plugin: str, steps: int, folder: Path) -> dict[str, float]:
    """Return the examples a second on so many devices and workers."""
    sets = f"training={{report_every={REPORT_EVERY},sample_every=100000,checkpoint_every=100000}}"
    command = ["train", plugin, "-q", "--steps", str(steps), "--set", sets, "--out"]
    runs = {}
    for devices in DEVICES:
        run = runs[f"{devices} device{'s' * (devices > 1)}"] = folder / f"devices-{devices}"
        finish(*command, str(run), *devices_flags(devices))
    for count in WORKERS:
        run = runs[f"{count} workers"] = folder / f"workers-{count}"
        finish_together(*[[*command, str(run)]] * count)
    return {name: pace(read_rows(Run.open(run).metrics_file)[WARM_UP:]) for name, run in runs.items()}


if __name__ == "__main__":
    main()
