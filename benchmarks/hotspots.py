"""Where the time of a training step goes, operation by operation, and how near the machine's ceiling it is.

    python benchmarks/hotspots.py [--plugin NAME] [--steps N] [--set A.B=VALUE]… [--append] [--quick]

Some steps of a plugin (`dcgan` at 64 × 64 in batches of 64 unless told otherwise), as `gansuite train` runs
them, on one batch in memory, are watched by TensorFlow's profiler, which tells when each operation ran.
Figures are the shares of the time of all operations that kinds of them took, and as the machine's ceiling
what a product of two large float32 matrices reaches. Nothing is promised.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from results import Figure, options, parse, publish

# isort: split
# TensorFlow's kernels are chosen there, before it is imported.
import tensorflow as tf
from loops import Loop, constant, make_domain
from tensorflow.tsl.profiler.protobuf import xplane_pb2

SETTINGS = ("data={size=64,channels=3}", "training.batch_size=64")
#: Of the operations that are named in the figures, the rest together.
NAMED = 6
SIDE = 4096
PICOSECONDS = 1e-12
#: Operations that run others.
WAITING = {"While", "StatelessWhile", "PartitionedCall", "StatefulPartitionedCall", "If", "StatelessIf"}


def main() -> None:
    """Measure one plugin."""
    parser = options(__doc__)
    parser.add_argument("--plugin", default="dcgan", help="what to train")
    parser.add_argument("--steps", type=int, default=10, help="that are watched")
    parser.add_argument("--set", dest="sets", action="append", help="instead of the settings above")
    arguments = parse(parser)
    sets = arguments.sets or (SETTINGS if arguments.plugin == "dcgan" else ())
    details = measure(arguments, sets)
    total = sum(details["seconds"].values())
    shares = {name: 100 * seconds / total for name, seconds in details["seconds"].items()}
    what = " ".join([arguments.plugin, *sets])
    figures = [
        Figure(name=f"{what}: share of {name} in the time of operations", value=share, unit="%")
        for name, share in list(shares.items())[:NAMED]
    ]
    figures.append(
        Figure(name="product of float32 matrices, 10⁹ operations a second", value=details["ceiling"])
    )
    publish(arguments, figures, details)


def measure(arguments: argparse.Namespace, sets: Sequence[str]) -> dict[str, Any]:
    """Return milliseconds of a step, seconds by kind of operation, and the machine's ceiling."""
    loop = Loop.of(make_domain(arguments.plugin, settings=[*sets, "training.average=0"]))
    batches = constant(next(loop.stream()))
    steps = 2 if arguments.quick else arguments.steps
    loop.run(batches, 2)
    begun = time.perf_counter()
    loop.run(batches, steps)
    took = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        loop.run(batches, steps)
        tf.profiler.experimental.stop()
        seconds = by_kind(next(Path(folder).rglob("*.xplane.pb")))
    return {
        "step_ms": round(1000 * took / steps, 2),
        "steps": steps,
        "seconds": {name: round(value, 4) for name, value in seconds.most_common()},
        "ceiling": ceiling(256 if arguments.quick else SIDE),
    }


def by_kind(file: Path) -> Counter[str]:
    """Add up the time of each kind of operation, without what only waits for others."""
    space = xplane_pb2.XSpace.FromString(file.read_bytes())
    found: Counter[str] = Counter()
    for plane in space.planes:
        if not plane.name.startswith("/host:CPU"):
            continue
        for line in plane.lines:
            for event in line.events:
                # Operations are called `name:Kind`; what else is watched has no colon, or two.
                name, colon, kind = plane.event_metadata[event.metadata_id].name.partition(":")
                if colon and kind.isidentifier() and name and kind not in WAITING:
                    found[kind] += event.duration_ps * PICOSECONDS
    return found


def ceiling(side: int) -> float:
    """Return 10⁹ operations a second of a product of square matrices: the best of some."""
    matrix = tf.random.stateless_normal([side, side], seed=[0, 0])
    product = tf.function(lambda: tf.matmul(matrix, matrix))
    product()
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        product().numpy()
        best = min(best, time.perf_counter() - begun)
    return 2 * side**3 / best / 1e9


if __name__ == "__main__":
    main()
