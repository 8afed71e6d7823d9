"""Judging a run while it trains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gansuite.domain import Domain, Score
from gansuite.errors import ConfigError
from gansuite.metrics.evaluation import DomainEvaluation, judged
from gansuite.metrics.installed import installed_metrics
from gansuite.nearest import suggestion
from gansuite.settings import Training
from gansuite.training.merits import Merit, judged_by
from gansuite.training.snapshot import Snapshot


class Judge:
    """Measures a run by its domain's scores, always with the same random inputs.

    Args:
        domain: what is trained.
        snapshot: what is judged.
        training: by how many outputs and which metrics, and which score says what is best.

    Raises:
        UsageError, PluginError: as of `gansuite.metrics.installed.installed_metrics`.
    """

    def __init__(self, domain: Domain, snapshot: Snapshot, training: Training) -> None:
        self._domain = domain
        self._snapshot = snapshot
        self._count = training.evaluate_count
        self._best = training.best
        self._metrics = installed_metrics(training.metrics)
        self._made: dict[str, Any] = {}

    def judge(self) -> Sequence[Score]:
        """Measure the networks as they are now.

        Raises:
            ConfigError: there is no score that the best one could be known by.
        """
        evaluation = DomainEvaluation(
            domain=self._domain, answers=self._snapshot.take(), count=self._count, seed=0, made=self._made
        )
        scores = judged(evaluation, self._metrics)
        ranked = [score.name for score in scores if score.better is not None]
        if self._best and self._best not in ranked:
            raise ConfigError(
                f"there is no figure {self._best!r} of which one value is better than another",
                where="training.best",
                hint=suggestion(self._best, ranked),
            )
        return scores

    def merit(self, scores: Sequence[Score]) -> Merit | None:
        """Say how good the run is by the score it is to be known by; None where that is undefined."""
        chosen = next((score for score in scores if score.name == self._best), None)
        if chosen is None:
            return None
        distance = _distance(chosen)
        if not math.isfinite(distance):
            return None
        by = judged_by(self._domain.config)
        return Merit(score=chosen.name, value=float(chosen.value), distance=distance, by=by)


def _distance(score: Score) -> float:
    match score.better:
        case "lower":
            return float(score.value)
        case "higher":
            return -float(score.value)
        case _:
            return math.nan if score.reference is None else abs(float(score.value) - float(score.reference))
