"""Whether memory or the time of a step grows while a run goes on.

    python benchmarks/growth.py [--plugin NAME] [--minutes N] [--workers N] [--set A.B=VALUE]… [--run RUN]
                                [--append] [--quick]

`gansuite train` trains a plugin on its default data for so many minutes (30 unless told otherwise), with
reports, samples and checkpoints, in one process or with `--workers` in several; `--run` looks at a run that
was trained already instead. Each report in metrics.jsonl has the memory that the process holds and the pace
since the one before. What comes in the first sixth of the time is warming up. Figures are the slope of the
memory, by least squares (promised: below 1 MB a minute), and the median time of a step in the last third of
the rest over that in the first third.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from results import HERE, Figure, options, parse, publish

sys.path += [str(HERE / "claims"), str(HERE.parent / "tests" / "support")]

from training import train

from gansuite.reporting.records import Row, read_rows
from gansuite.runs import Run
from workers import ends, workers

WARM_UP = 1 / 6
MEGABYTE = 1e6
#: Reports that a slope needs.
FEWEST = 6


def main() -> None:
    """Measure one run."""
    parser = options(__doc__)
    parser.add_argument("--plugin", default="dcgan", help="what to train")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long")
    parser.add_argument("--workers", type=int, default=1, help="processes that train together")
    parser.add_argument("--set", dest="sets", action="append", default=[], help="of the run")
    parser.add_argument("--run", type=Path, help="a run that was trained in one sitting")
    arguments = parse(parser)
    if arguments.run is not None:
        details = measured(arguments.run)
    else:
        with tempfile.TemporaryDirectory() as folder:
            details = measured(trained(arguments, Path(folder) / "run"))
    trained_by = f"{details['plugin']}{details['together']}"
    name = f"{trained_by}, {details['minutes']:.0f} minutes, {details['steps']} steps"
    figures = [
        Figure(name=f"{name}: growth of memory in MB a minute", value=details["slope"], at_most=1, seeds="0"),
        Figure(
            name=f"{name}: time of a step late over early",
            value=details["late_over_early"],
            unit="x",
            seeds="0",
        ),
    ]
    publish(arguments, figures, details)


def trained(arguments: argparse.Namespace, path: Path) -> Path:
    """Train for so many minutes."""
    settings = ["training.steps=100000000", *arguments.sets]
    if arguments.quick:
        settings += ["training.report_every=1", "training.checkpoint_every=10"]
    minutes = None if arguments.quick else arguments.minutes
    steps = 20 if arguments.quick else None
    if arguments.workers == 1:
        train(arguments.plugin, path, data=None, sets=settings, minutes=minutes, steps=steps)
        return path
    flags = [word for one in settings for word in ("--set", one)]
    command = ["train", arguments.plugin, "--out", str(path), "-q", *flags]
    command += [] if steps is None else ["--steps", str(steps)]
    with workers(*[command] * arguments.workers) as running:
        if minutes is not None:
            time.sleep(60 * minutes)
            running[0].send_signal(signal.SIGINT)
        ended = ends(running)
    if {code for code, _ in ended} - {0, 130}:
        raise SystemExit(f"a worker failed: {ended}")
    return path


def together(run: Run) -> str:
    """Say how many workers or devices a run was trained by; nothing where it was one."""
    environment = json.loads(run.environment_file.read_text("utf-8"))
    count = len({tf.DeviceSpec.from_string(name).task for name in environment["devices"]})
    if count > 1:
        return f", {count} workers"
    return f", {environment['replicas']} devices" if environment["replicas"] > 1 else ""


def measured(path: Path) -> dict[str, Any]:
    """Return how memory and pace of a run went: its minutes, MB a minute, and late over early."""
    run = Run.open(path)
    rows = read_rows(run.metrics_file)
    settled = [row for row in rows if row.seconds >= WARM_UP * rows[-1].seconds and row.memory > 0]
    if len(settled) < FEWEST:
        raise SystemExit(
            f"{path} has {len(settled)} reports with memory after warming up; {FEWEST} are needed"
        )
    minutes = np.array([row.seconds / 60 for row in settled])
    memory = np.array([row.memory / MEGABYTE for row in settled])
    third = len(settled) // 3
    return {
        "plugin": run.plugin,
        "together": together(run),
        "minutes": rows[-1].seconds / 60,
        "steps": rows[-1].step,
        "slope": float(np.polyfit(minutes, memory, 1)[0]),
        "first_mb": round(float(memory[0]), 1),
        "last_mb": round(float(memory[-1]), 1),
        "late_over_early": pace(settled[:third]) / pace(settled[-third:]),
    }


def pace(rows: list[Row]) -> float:
    """Return the median of the examples a second."""
    return statistics.median(row.examples_per_second for row in rows)


if __name__ == "__main__":
    main()
