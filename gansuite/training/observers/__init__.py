"""Who watches a run: progress for people, figures for machines, pictures for both."""

from __future__ import annotations

import sys

from gansuite.training.observers.bar import Bar
from gansuite.training.observers.lines import Lines, TalkativeLines
from gansuite.training.observers.metrics import Metrics
from gansuite.training.observers.notes import Notes
from gansuite.training.observers.observer import Observer, Report, Session
from gansuite.training.observers.page import Page
from gansuite.training.observers.tensorboard import TensorBoard
from gansuite.training.observers.together import Together


def default_observers(*, quiet: bool = False, verbose: bool = False) -> list[Observer]:
    """Return who watches a run unless it is said otherwise.

    Args:
        quiet: only what a person must know is printed.
        verbose: every report is printed whole, and every file written.

    Returns:
        One that talks to the person, then those that write metrics.jsonl with scores.jsonl, tensorboard/ and
        report.html.
    """
    return [_talker(quiet, verbose), Metrics(), TensorBoard(), Page()]


def _talker(quiet: bool, verbose: bool) -> Observer:
    if quiet:
        return Notes()
    if verbose:
        return TalkativeLines()
    return Bar() if sys.stderr.isatty() else Lines()


__all__ = [
    "Bar",
    "Lines",
    "Metrics",
    "Notes",
    "Observer",
    "Page",
    "Report",
    "Session",
    "TalkativeLines",
    "TensorBoard",
    "Together",
    "default_observers",
]
