"""Metrics that installed distributions bring along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gansuite.contributions import METRICS, bring
from gansuite.domain import Domain, Evaluation, Score
from gansuite.errors import GansuiteError, PluginError
from gansuite.origin import said


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A function of a domain and an evaluation that returns scores.

    Attributes:
        owner: what to call it in messages.
        function: it.
    """

    owner: str
    function: Callable[[Domain, Evaluation], Sequence[Score]]

    def scores(self, domain: Domain, evaluation: Evaluation) -> Sequence[Score]:
        """Judge.

        Raises:
            PluginError: it failed, or returned something other than scores.
        """
        try:
            measured = list(self.function(domain, evaluation))
        except GansuiteError:
            raise
        except Exception as error:
            raise PluginError(f"failed: {said(error)}", where=self.owner) from error
        if not all(isinstance(score, Score) for score in measured):
            raise PluginError("returns something other than gansuite.domain.Score", where=self.owner)
        return measured


def installed_metrics(names: Sequence[str]) -> tuple[Metric, ...]:
    """Import metrics.

    Args:
        names: what settings call them.

    Raises:
        UsageError: there is no such metric; the nearest name is given.
        PluginError: importing one failed.
    """
    found = (bring(METRICS, name, "metric") for name in names)
    return tuple(Metric(function=function, owner=owner) for function, owner in found)
