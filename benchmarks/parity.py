"""Whether a SavedModel answers as the run does, in a process that can import neither Keras nor gansuite.

    python benchmarks/parity.py [--plugin NAME]… [--run RUN] [--append] [--quick]

Every plugin, made small (`tests/support/tiny.py`), trains for two steps and is exported; `--run` looks at a
run that was trained already. Each signature is asked for 1, 3 and 64 rows. Figures are the largest difference
from the run, in parts of the largest number in an answer or of 1 (promised: at most 1e-6), and how far a row
among 64 is from the same row asked for alone (promised: at most 1e-4, since arithmetic rounds otherwise for
other numbers of rows). Texts are equal or infinitely far apart; of PNG files, one level of rounding is none.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from results import HERE, REPOSITORY, Figure, options, parse, publish

sys.path += [str(HERE / "claims"), str(REPOSITORY / "tests" / "support")]

from training import QUIET, opened, train

from gansuite.export.asking import example_inputs
from gansuite.export.model import served, write_model
from gansuite.export.verifying import (
    ALONE,
    TOLERANCE,
    Question,
    apart_alone,
    by_signature,
    differences,
    each_row,
    write_questions,
)
from gansuite.training.trained import Trained
from tiny import TINY

ROWS = (1, 3, 64)
FEW = (1, 3)
#: Settings with which a row that is asked for alone does not take minutes.
SOONER = {"anogan": ("search.steps=5",)}


def main() -> None:
    """Compare plugin after plugin."""
    parser = options(__doc__)
    parser.add_argument("--plugin", action="append", choices=sorted(TINY), help="only this one")
    parser.add_argument("--run", type=Path, help="a run that was trained already")
    arguments = parse(parser)
    details = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        plugins = arguments.plugin or sorted(TINY)
        runs = [arguments.run] if arguments.run else [trained(plugin, folder) for plugin in plugins]
        for number, run in enumerate(runs):
            known = opened(run)
            place = folder / str(number)
            place.mkdir()
            details[known.run.plugin] = compared(known, place, FEW if arguments.quick else ROWS)
            print(f"{known.run.plugin}: {details[known.run.plugin]}", file=sys.stderr)
    publish(arguments, [one for plugin, found in details.items() for one in figures(plugin, found)], details)


def trained(plugin: str, folder: Path) -> Path:
    """Train a small plugin for two steps."""
    path, settings = folder / plugin, (*TINY[plugin].settings, *SOONER.get(plugin, ()))
    data = folder / f"{plugin}-data"
    data.mkdir()
    train(plugin, path, data=TINY[plugin].data(data), sets=[*settings, QUIET], steps=2)
    return path


def compared(known: Trained, folder: Path, rows: tuple[int, ...]) -> dict[str, Any]:
    """Return how far each signature is from its endpoint, and its rows from what they are alone."""
    write_model(known, folder / "model")
    asked, alone = [], {}
    for name, endpoint in served(known).items():
        for count in rows:
            inputs = example_inputs(name, endpoint, count)
            asked.append(Question(signature=name, inputs=inputs, answer=known.call(name, inputs)))
        singles = [known.call(name, one) for one in each_row(asked[-1].inputs)]
        alone[name] = max(apart_alone(asked[-1].answer, singles).values())
    write_questions(asked, folder / "questions")
    found = differences(asked, folder / "model", folder / "questions")
    return {
        "rows": rows,
        "from the run": dict(by_signature(found)),
        "alone": alone,
    }


def figures(plugin: str, found: dict[str, Any]) -> list[Figure]:
    """What is promised of a plugin."""
    rows = f"{', '.join(map(str, found['rows'][:-1]))} and {found['rows'][-1]} rows"
    given = f"{plugin}: {len(found['alone'])} signatures"
    return [
        Figure(
            name=f"{given}, {rows}: largest difference from the run",
            value=max(found["from the run"].values()), at_most=TOLERANCE, seeds="0",
        ),
        Figure(
            name=f"{given}: largest difference of a row alone from the same among {found['rows'][-1]}",
            value=max(found["alone"].values()), at_most=ALONE, seeds="0",
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
