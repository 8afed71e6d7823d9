"""What somebody who watches a run is told, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from gansuite.domain import Domain, Score
    from gansuite.runs import Run


@dataclass(frozen=True, kw_only=True)
class Session:
    """One sitting of training.

    Args:
        run: the run directory.
        step: steps done before this sitting; 0 unless it resumes.
        steps: steps done when the run is finished.
        domain: what is trained.
    """

    run: Run
    step: int
    steps: int
    domain: Domain


@dataclass(frozen=True, kw_only=True)
class Report:
    """Where training stands.

    Args:
        step: steps done.
        steps: steps done when the run is finished.
        phase: name of the phase the last step belonged to.
        terms: each loss term as "player/term", unweighted.
        examples_seen: drawn since the run began.
        examples_per_second: since the report before, while nothing else was done.
        seconds: spent in this sitting.
        compiling: how many of those went into compiling steps.
        memory: bytes of main memory that the process holds; None where the system does not say.
    """

    step: int
    steps: int
    phase: str
    terms: Mapping[str, float]
    examples_seen: int
    examples_per_second: float
    seconds: float
    compiling: float = 0.0
    memory: int | None = None


class Observer:
    """Watches a run; does nothing until a method is overridden."""

    #: Whether a failure of this observer stops the training, rather than this observer alone.
    essential: ClassVar[bool] = False

    def start(self, session: Session) -> None:
        """Training begins or resumes."""

    def compiling(self, phase: str) -> None:
        """The steps of a phase are being compiled, which takes seconds, or a minute, before the first."""

    def compiled(self, phase: str) -> None:
        """The steps of a phase begin."""

    def report(self, report: Report) -> None:
        """Some steps were done."""

    def samples(self, step: int, files: Sequence[Path]) -> None:
        """Samples were drawn into files."""

    def scores(self, step: int, scores: Sequence[Score]) -> None:
        """The run was judged."""

    def checkpoint(self, step: int, path: Path) -> None:
        """A checkpoint was written."""

    def note(self, message: str) -> None:
        """Something a person should know; may come before the start."""

    def end(self, outcome: str) -> None:
        """This sitting, which was started, is over: "done", "interrupted" or the name of an error."""
