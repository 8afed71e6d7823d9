"""Judging a trained run."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gansuite.composition import source_of
from gansuite.domain import Arrays, Domain, Examples, Made, Score, Split
from gansuite.errors import PluginError
from gansuite.files import write_atomically
from gansuite.metrics.installed import Metric, installed_metrics
from gansuite.metrics.sampling import load_some
from gansuite.runs import unwritable
from gansuite.training.answers import Answering
from gansuite.training.trained import Trained


@dataclass(frozen=True, kw_only=True)
class DomainEvaluation:
    """What a domain needs to judge networks of its own; see `gansuite.domain.Evaluation`.

    Attributes:
        domain: whose networks.
        answers: its endpoints, answered with them.
        count: how many outputs to judge.
        seed: where random inputs begin.
        made: what was made once, by name, in evaluations by the same data, count and seed.
    """

    domain: Domain
    answers: Answering
    count: int
    seed: int
    made: dict[str, Any] = field(default_factory=dict)

    def call(self, endpoint: str, inputs: Arrays) -> dict[str, np.ndarray]:
        """Answer an endpoint with the networks, in batches."""
        return self.answers.call(endpoint, inputs)

    def examples(self, split: Split) -> Examples:
        """Return the examples to compare with."""
        return self.domain.examples(split)

    def load(self, split: Split, limit: int | None = None) -> Any:
        """Return examples of a split, some of all where there are more than `limit`; each time the same."""
        return load_some(self.examples(split), limit, seed=self.seed)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what `make` makes, or made before under this name."""
        if name not in self.made:
            self.made[name] = make()
        made: Made = self.made[name]
        return made


def evaluate(trained: Trained, *, count: int, seed: int) -> tuple[Sequence[Score], str]:
    """Judge a run by its domain's scores.

    Args:
        trained: the run.
        count: how many outputs to judge.
        seed: where random inputs begin.

    Returns:
        The scores, and as JSON, with what they were computed from.
    """
    metrics = installed_metrics(trained.domain.config.training.metrics)
    evaluation = DomainEvaluation(domain=trained.domain, answers=trained.answers, count=count, seed=seed)
    scores = judged(evaluation, metrics)
    facts = {
        "step": trained.step,
        "count": count,
        "seed": seed,
        "data": source_of(trained.domain.config),
        "scores": [plain(score) for score in scores],
    }
    return scores, json.dumps(facts, indent=2)


def keep(file: Path, evaluation: str) -> None:
    """Write what `evaluate` returns as JSON into a run's evaluation.json.

    Raises:
        GansuiteError: it cannot be written.
    """
    try:
        write_atomically(file, evaluation + "\n")
    except OSError as error:
        raise unwritable(file, error, "make room or give access, then evaluate again") from error


def judged(evaluation: DomainEvaluation, metrics: Sequence[Metric] = ()) -> Sequence[Score]:
    """Judge networks by their domain's scores, and by those of metrics that are installed.

    Args:
        evaluation: of them.
        metrics: those that judge as well.

    Raises:
        PluginError: one failed, returns something other than scores, or calls one like another is called.
    """
    scores = [*evaluation.domain.scores(evaluation)]
    for metric in metrics:
        known = {score.name for score in scores}
        measured = metric.scores(evaluation.domain, evaluation)
        for score in measured:
            if score.name in known:
                raise PluginError(f"there is a score {score.name!r} already", where=metric.owner)
        scores += measured
    return scores


def plain(score: Score) -> dict[str, Any]:
    """Return a score in a form JSON can hold: a value that is not finite is None."""

    def number(value: float | None) -> float | None:
        return None if value is None or not math.isfinite(value) else float(value)

    return {**asdict(score), "value": number(score.value), "reference": number(score.reference)}
