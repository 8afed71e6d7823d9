"""metrics.jsonl and scores.jsonl: a line of figures per report, and one per evaluation."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gansuite.files import write_atomically
from gansuite.runs import unwritable
from gansuite.training.observers.observer import Observer, Report, Session

if TYPE_CHECKING:
    from gansuite.domain import Score


class Metrics(Observer):
    """Appends a JSON object per report: where training stands, its terms, its speed and its memory, and with
    which step the sitting began.

    And one per evaluation, to scores.jsonl: step, and value and reference of each score. A figure that is not
    finite is written as null, which is the nearest thing JSON has. A run that resumes first loses the rows
    beyond its checkpoint, so that the finished files equal those of an uninterrupted run but for the figures
    of the sittings: speed, memory and where they began.

    Raises:
        GansuiteError: the file could not be written.
    """

    essential = True

    def start(self, session: Session) -> None:
        self._begun = session.step
        self._file, self._scores = session.run.metrics_file, session.run.scores_file
        for file in (self._file, self._scores):
            try:
                # What is measured before the first step is measured again.
                _forget_after(file, session.step or -1)
            except OSError as error:
                raise unwritable(file, error) from error

    def report(self, report: Report) -> None:
        """Append a line with the report."""
        row: dict[str, Any] = {
            "step": report.step,
            "phase": report.phase,
            "examples_seen": report.examples_seen,
            "terms": {name: _finite(value) for name, value in report.terms.items()},
            "examples_per_second": _finite(report.examples_per_second),
            "seconds": _finite(report.seconds),
            "compiling": _finite(report.compiling),
            "memory": report.memory,
            "begun": self._begun,
        }
        _append(self._file, row)

    def scores(self, step: int, scores: Sequence[Score]) -> None:
        """Append a line with what was measured."""
        figures = {
            score.name: {"value": _finite(score.value), "reference": _finite(score.reference)}
            for score in scores
        }
        _append(self._scores, {"step": step, "scores": figures})


def _append(file: Path, row: Mapping[str, Any]) -> None:
    line = json.dumps(row, allow_nan=False) + "\n"
    try:
        with file.open("a", encoding="utf-8") as end:
            end.write(line)
    except OSError as error:
        raise unwritable(file, error) from error


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _forget_after(file: Path, step: int) -> None:
    if not file.exists():
        return
    lines = file.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if _is_whole_row_until(line, step)]
    if kept != lines:
        write_atomically(file, b"".join(kept))


def _is_whole_row_until(line: bytes, step: int) -> bool:
    try:
        row: Any = json.loads(line)
        return line.endswith(b"\n") and bool(row["step"] <= step)
    except (ValueError, TypeError, KeyError):
        return False  # a killed process may leave half a line
