"""Several observers as one, of which a failing one cannot lose the training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gansuite.training.observers.observer import Observer, Report, Session

if TYPE_CHECKING:
    from gansuite.domain import Score


class Together(Observer):
    """Tells every observer, in order.

    An observer that fails is told nothing more, and the others are told why; the failure of an essential
    one is raised.
    """

    essential = True

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = list(observers)
        self._begun: list[Observer] = []

    def start(self, session: Session) -> None:
        def begin(observer: Observer) -> None:
            observer.start(session)
            self._begun.append(observer)

        self._tell(begin)

    def compiling(self, phase: str) -> None:
        self._tell(lambda observer: observer.compiling(phase))

    def compiled(self, phase: str) -> None:
        self._tell(lambda observer: observer.compiled(phase))

    def report(self, report: Report) -> None:
        self._tell(lambda observer: observer.report(report))

    def samples(self, step: int, files: Sequence[Path]) -> None:
        self._tell(lambda observer: observer.samples(step, files))

    def scores(self, step: int, scores: Sequence[Score]) -> None:
        self._tell(lambda observer: observer.scores(step, scores))

    def checkpoint(self, step: int, path: Path) -> None:
        self._tell(lambda observer: observer.checkpoint(step, path))

    def note(self, message: str) -> None:
        self._tell(lambda observer: observer.note(message))

    def end(self, outcome: str) -> None:
        # One that did not start may have notes, but nothing to end.
        self._tell(lambda observer: observer.end(outcome) if observer in self._begun else None)

    def _tell(self, event: Callable[[Observer], None]) -> None:
        failures = []
        for observer in list(self._observers):
            try:
                event(observer)
            except Exception as error:
                if observer.essential:
                    raise
                self._observers.remove(observer)
                failures.append(f"{type(observer).__name__} failed and is left out from here on: {error}")
        for failure in failures:
            self.note(failure)
