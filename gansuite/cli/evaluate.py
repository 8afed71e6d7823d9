"""``gansuite evaluate``: how good a run is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from gansuite.cli.domains import note_unreached, open_trained
from gansuite.cli.options import (
    LARGEST_SEED,
    checkpoint_option,
    complete_data,
    json_option,
    run_argument,
)
from gansuite.cli.screen import note, results, table, verbose_option
from gansuite.runs import Run, Which

if TYPE_CHECKING:
    from gansuite.domain import Score


@click.command()
@run_argument
@click.option("--data", metavar="PATH|NAME", shell_complete=complete_data, help="Compare with other data.")
@click.option(
    "-n", "count", type=click.IntRange(min=1), default=1000, show_default=True, help="How many to judge."
)
@click.option(
    "--seed", type=click.IntRange(0, LARGEST_SEED), default=0, show_default=True, help="First seed."
)
@click.option("--set", "assignments", multiple=True, metavar="A.B=VALUE", help="How it is judged.")
@checkpoint_option
@json_option
@verbose_option
def evaluate(
    run: Run,
    data: str | None,
    count: int,
    seed: int,
    assignments: tuple[str, ...],
    checkpoint: Which,
    as_json: bool,
) -> None:
    """Measure how good RUN is, beside the same figures for held-out data.

    Also written to RUN/evaluation.json.
    """
    trained = open_trained(run, checkpoint, data=data, assignments=assignments)
    note_unreached(trained)
    from gansuite.metrics.evaluation import evaluate as measure
    from gansuite.metrics.evaluation import keep

    scores, evaluation = measure(trained, count=count, seed=seed)
    results(evaluation if as_json else _as_table(scores))
    # What was computed has been shown by then, also where it cannot be kept.
    keep(run.evaluation_file, evaluation)
    if not as_json:
        note(f"written to {run.evaluation_file}")


def _as_table(scores: Sequence[Score]) -> str:
    header = ("figure", "value", "held-out data", "ratio", "meaning")
    rows = [
        (one.name, _number(one.value), _number(one.reference), _ratio(one), one.meaning) for one in scores
    ]
    return table(header, rows)


def _number(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.4g}"


def _ratio(score: Score) -> str:
    if score.reference is None or score.reference == 0:
        return "-"
    return _number(score.value / score.reference)
