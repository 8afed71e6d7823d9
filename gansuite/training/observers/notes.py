"""Only what a person must know, for quiet runs."""

from __future__ import annotations

import sys

from gansuite.training.observers.observer import Observer


class Notes(Observer):
    """Prints notes to standard error and nothing else."""

    def note(self, message: str) -> None:
        print(message, file=sys.stderr, flush=True)
