"""metrics.jsonl: a line of figures per report."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from gansuite.files import write_atomically
from gansuite.runs import unwritable
from gansuite.training.observers.observer import Observer, Report, Session


class Metrics(Observer):
    """Appends a JSON object per report: step, phase, examples_seen, terms, examples_per_second, seconds.

    A term that is not finite is written as null, which is the nearest thing JSON has. A run that resumes
    first loses the rows beyond its checkpoint, so that the finished file equals that of an uninterrupted
    run but for the two figures of speed.

    Raises:
        GansuiteError: the file could not be written.
    """

    essential = True

    def start(self, session: Session) -> None:
        self._file = session.run.metrics_file
        try:
            _forget_after(self._file, session.step)
        except OSError as error:
            raise unwritable(self._file, error) from error

    def report(self, report: Report) -> None:
        """Append a line with the report."""
        row = {
            "step": report.step,
            "phase": report.phase,
            "examples_seen": report.examples_seen,
            "terms": {name: _finite(value) for name, value in report.terms.items()},
            "examples_per_second": _finite(report.examples_per_second),
            "seconds": _finite(report.seconds),
        }
        line = json.dumps(row, allow_nan=False) + "\n"
        try:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise unwritable(self._file, error) from error


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


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
