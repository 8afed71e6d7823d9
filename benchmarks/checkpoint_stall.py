"""How long training waits for a checkpoint, and how long it takes until that is whole.

    python benchmarks/checkpoint_stall.py [--plugin NAME]… [--set A.B=VALUE]… [--rounds N]
                                          [--append] [--quick]

The state of a run (of `dcgan` and `pix2pix` at their default settings unless told otherwise: networks,
averages, optimizers) is kept over and over, as the shared loop does it; no step is played meanwhile. The
figures are medians in milliseconds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from results import Figure, options, parse, publish

# isort: split
# TensorFlow's kernels are chosen there, before it is imported.
from loops import Loop, make_domain

from gansuite.training.checkpoints import Checkpoints
from gansuite.training.keeper import Keeper

PLUGINS = ("dcgan", "pix2pix")
TINY = ("generator.width=4", "discriminator.width=4")


def main() -> None:
    """Measure plugin after plugin."""
    parser = options(__doc__)
    parser.add_argument("--plugin", action="append", help="whose run")
    parser.add_argument("--set", dest="sets", action="append", default=[], help="of the run")
    parser.add_argument("--rounds", type=int, default=7, help="how many checkpoints are written")
    arguments = parse(parser)
    figures, details = [], {}
    for plugin in arguments.plugin or PLUGINS:
        found = details[plugin] = measured(plugin, arguments)
        print(f"{plugin}: {found}", file=sys.stderr)
        name = f"{plugin}, a checkpoint of {found['megabytes']:g} MB"
        figures += [
            Figure(name=f"{name}: training waits", value=found["waits_ms"], unit="ms", seeds="0"),
            Figure(name=f"{name}: until it is whole", value=found["whole_ms"], unit="ms", seeds="0"),
        ]
    publish(arguments, figures, details)


def measured(plugin: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Keep a run's state some times; medians in milliseconds."""
    sets = [*arguments.sets, *(TINY if arguments.quick else ())]
    state = Loop.of(make_domain(plugin, settings=sets)).state
    waits, whole = [], []
    with tempfile.TemporaryDirectory() as folder:
        checkpoints = Checkpoints(Path(folder), keep=1)
        with Keeper(checkpoints, lambda step, path: None) as keeper:
            for step in range(1 if arguments.quick else arguments.rounds):
                begun = time.perf_counter()
                keeper.keep(state.checkpoint, step)
                waits.append(time.perf_counter() - begun)
                keeper.settle()
                whole.append(time.perf_counter() - begun)
        bytes_kept = sum(file.stat().st_size for file in checkpoints.path(step).iterdir())
    return {
        "megabytes": round(bytes_kept / 1e6, 1),
        "waits_ms": round(1000 * median(waits), 1),
        "whole_ms": round(1000 * median(whole), 1),
    }


if __name__ == "__main__":
    main()
