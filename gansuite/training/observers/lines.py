"""Progress as plain lines, for logs and pipes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gansuite.reporting.figures import duration, figure, judged, listed
from gansuite.training.observers.observer import Observer, Report, Session

if TYPE_CHECKING:
    from gansuite.domain import Score


class Lines(Observer):
    """Prints a line at most every so often, and always for the last report.

    Args:
        pause: seconds between two lines; 0 prints every report.
        terms: how many loss terms a line shows; None for all.
        stream: where to print; standard error by default.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        *,
        pause: float = 10.0,
        terms: int | None = 4,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pause = pause
        self._terms = terms
        self._stream = stream
        self._clock = clock
        self._last = -float("inf")
        self._held: Report | None = None

    def start(self, session: Session) -> None:
        self._began, self._first = self._clock(), session.step
        self._print(f"step {session.step} of {session.steps}")

    def compiling(self, phase: str) -> None:
        self._compiling = self._clock()
        self._print(f"compiling the steps of phase {phase}")

    def compiled(self, phase: str) -> None:
        # How long is left depends on how long steps take.
        self._began += self._clock() - self._compiling

    def report(self, report: Report) -> None:
        self._held = report
        if report.step >= report.steps or self._clock() - self._last >= self._pause:
            self._print_held()

    def note(self, message: str) -> None:
        self._print(message)

    def scores(self, step: int, scores: Sequence[Score]) -> None:
        self._print(judged(step, scores))

    def end(self, outcome: str) -> None:
        self._print_held()

    def _print_held(self) -> None:
        if self._held is None:
            return
        report, self._held = self._held, None
        self._last = self._clock()
        left = (report.steps - report.step) * (self._last - self._began) / max(report.step - self._first, 1)
        self._print(
            f"step {report.step}/{report.steps}  {figure(report.examples_per_second)} examples/s  "
            f"{duration(left)} left  {listed(report.terms, self._terms)}"
        )

    def _print(self, text: str) -> None:
        print(text, file=self._stream or sys.stderr, flush=True)


class TalkativeLines(Lines):
    """Prints every report with all its terms, and every file written."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(pause=0, terms=None, stream=stream)

    def samples(self, step: int, files: Sequence[Path]) -> None:
        for file in files:
            self._print(f"step {step}: drew {file}")

    def checkpoint(self, step: int, path: Path) -> None:
        self._print(f"step {step}: checkpoint {path}")
