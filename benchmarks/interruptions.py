"""What part of a run's time goes into samples and checkpoints, and evaluation where it is asked for.

    python benchmarks/interruptions.py [--plugin NAME]… [--steps N] [--set A.B=VALUE]… [--run RUN]
                                       [--append] [--quick]

`gansuite train` trains plugins (`dcgan` and `musegan` unless told otherwise) on their default data with their
default settings for so many steps (2000, or as many as the settings say where that is less); `--run` looks at
a run that was trained already, in one sitting. Each report in metrics.jsonl has the time since training
began, what of it went into compiling, and the pace since the report before, in which nothing but training
counts: what is left of the time was spent otherwise. The figure is its share (promised: at most 5 %).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from results import HERE, Figure, options, parse, publish

sys.path.append(str(HERE / "claims"))

from training import train

from gansuite.registry import load
from gansuite.reporting.records import read_rows
from gansuite.runs import Run

PLUGINS = ("dcgan", "musegan")
STEPS = 2000


def main() -> None:
    """Measure plugin after plugin."""
    parser = options(__doc__)
    parser.add_argument("--plugin", action="append", help="what to train")
    parser.add_argument("--steps", type=int, default=STEPS, help="how long at most")
    parser.add_argument("--set", dest="sets", action="append", default=[], help="of the runs")
    parser.add_argument("--run", type=Path, help="a run that was trained already")
    arguments = parse(parser)
    figures, details = [], {}
    with tempfile.TemporaryDirectory() as folder:
        if arguments.run is not None:
            runs = [arguments.run]
        else:
            runs = [trained(plugin, Path(folder), arguments) for plugin in arguments.plugin or PLUGINS]
        for run in runs:
            found = measured(run)
            details[found["plugin"]] = found
            given = f" with {', '.join(arguments.sets)}" if arguments.sets else ""
            name = (
                f"{found['plugin']}{given}, {found['steps']} steps: share of samples, checkpoints and "
                f"{'evaluation' if found['evaluated'] else 'no evaluation'}"
            )
            figures.append(Figure(name=name, value=found["share"], unit="%", at_most=5, seeds="0"))
    publish(arguments, figures, details)


def trained(plugin: str, folder: Path, arguments: argparse.Namespace) -> Path:
    """Train a plugin."""
    path = folder / plugin
    own: Any = load(plugin).config_class()()
    steps = 4 if arguments.quick else min(arguments.steps, own.training.steps)
    sets = ["training.report_every=2"] if arguments.quick else []
    train(plugin, path, data=None, sets=[*sets, *arguments.sets], steps=steps)
    return path


def measured(path: Path) -> dict[str, Any]:
    """Return how long a run took, and how much of it was training."""
    run = Run.open(path)
    rows = read_rows(run.metrics_file)
    seen = [0, *(row.examples_seen for row in rows)]
    pairs = zip(seen, seen[1:], rows, strict=False)
    training = sum((after - before) / row.examples_per_second for before, after, row in pairs)
    seconds, compiling = rows[-1].seconds, rows[-1].compiling
    return {
        "plugin": run.plugin,
        "steps": rows[-1].step,
        "evaluated": run.scores_file.exists(),
        "seconds": round(seconds, 2),
        "seconds_of_training": round(training, 2),
        "seconds_of_compiling": round(compiling, 2),
        "share": 100 * (1 - (training + compiling) / seconds),
    }


if __name__ == "__main__":
    main()
