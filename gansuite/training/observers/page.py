"""report.html, kept fresh while a run trains."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gansuite.reporting import write_report
from gansuite.training.observers.observer import Observer, Session

if TYPE_CHECKING:
    from gansuite.domain import Score


class Page(Observer):
    """Writes the run's report when there is something new to see, and at the end.

    Args:
        share: of the time that may go into writing, at most.
        clock: seconds that only grow.
    """

    def __init__(self, *, share: float = 0.01, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock = clock
        self._not_before = -float("inf")

    def start(self, session: Session) -> None:
        self._run = session.run

    def samples(self, step: int, files: Sequence[Path]) -> None:
        self._write_if_due()

    def scores(self, step: int, scores: Sequence[Score]) -> None:
        self._write_if_due()

    def checkpoint(self, step: int, path: Path) -> None:
        self._write_if_due()

    def end(self, outcome: str) -> None:
        write_report(self._run)

    def _write_if_due(self) -> None:
        began = self._clock()
        if began < self._not_before:
            return
        write_report(self._run)
        spent = self._clock() - began
        self._not_before = began + spent / self._share
