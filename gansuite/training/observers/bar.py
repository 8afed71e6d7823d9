"""Progress as a bar on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn, TextIO

from tqdm import tqdm

from gansuite.reporting.figures import judged, listed
from gansuite.training.observers.observer import Observer, Report, Session

if TYPE_CHECKING:
    from gansuite.domain import Score


class Bar(Observer):
    """Shows steps done, steps a second, time left and the first loss terms.

    Args:
        terms: how many loss terms to show.
        stream: the terminal; standard error by default.
    """

    def __init__(self, *, terms: int = 3, stream: TextIO | None = None) -> None:
        self._terms = terms
        self._stream = stream or sys.stderr
        self._bar: tqdm[NoReturn] | None = None

    def start(self, session: Session) -> None:
        self._bar = tqdm(
            total=session.steps,
            initial=session.step,
            desc=session.run.path.name,
            unit="step",
            file=self._stream,
            dynamic_ncols=True,
            smoothing=0.05,
        )

    def compiling(self, phase: str) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(f"compiling {phase}")

    def compiled(self, phase: str) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str("")
            self._bar.unpause()

    def report(self, report: Report) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(listed(report.terms, self._terms), refresh=False)
            self._bar.update(report.step - self._bar.n)
            self._bar.refresh()

    def scores(self, step: int, scores: Sequence[Score]) -> None:
        self.note(judged(step, scores))

    def note(self, message: str) -> None:
        tqdm.write(message, file=self._stream)

    def end(self, outcome: str) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
