"""Checkpoints that are finished beside training."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import tensorflow as tf

from gansuite.errors import CheckpointError
from gansuite.training.checkpoints import Checkpoints
from gansuite.training.merits import Merit


class Keeper:
    """Writes a run's checkpoints; the devices wait until what they hold is in its files, and no longer.

    Hashes are computed, the files brought to the disk and the checkpoint published in a thread, which touches
    nothing that is trained. As a context it leaves no checkpoint half-done.

    Args:
        checkpoints: where they go.
        tell: is called with the step and the path of each that is whole, by who looks, settles or keeps.
    """

    def __init__(self, checkpoints: Checkpoints, tell: Callable[[int, Path], None]) -> None:
        self._checkpoints = checkpoints
        self._tell = tell
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._under_way: tuple[int, Future[Path]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # What stops the run is said, and not that its last checkpoint failed as well.
            with contextlib.nullcontext() if error is None else contextlib.suppress(CheckpointError):
                self.settle()
        finally:
            self._thread.shutdown()

    def keep(self, state: tf.train.Checkpoint, step: int, merit: Merit | None = None) -> None:
        """Begin a checkpoint; the one before it is settled first.

        Args:
            state: what to write; may change as soon as this returns.
            step: which step it is of.
            merit: how good the run is, where that was measured.

        Raises:
            CheckpointError: one of both could not be written; those before are untouched.
        """
        self.settle()
        draft = self._checkpoints.draft(state, step)
        self._under_way = step, self._thread.submit(self._checkpoints.publish, draft, step, merit)

    def look(self) -> None:
        """Settle the checkpoint under way if it is done.

        Raises:
            CheckpointError: it could not be written.
        """
        if self._under_way is not None and self._under_way[1].done():
            self.settle()

    def settle(self) -> None:
        """Wait until no checkpoint is under way.

        Raises:
            CheckpointError: it could not be written.
        """
        if self._under_way is not None:
            (step, path), self._under_way = self._under_way, None
            self._tell(step, path.result())
