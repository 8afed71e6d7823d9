"""Where the time of a sitting goes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator


class Stopwatch:
    """Tells training from what else is done meanwhile.

    Args:
        clock: seconds that only grow.

    Attributes:
        compiling: seconds of the sitting that compiling took.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """The sitting begins."""
        self._begun = self._since = self._clock()
        self.compiling = 0.0

    @property
    def seconds(self) -> float:
        """Since the sitting began, whatever was done."""
        return self._clock() - self._begun

    def start(self) -> None:
        """Training begins, or goes on, with nothing to be told of the time before."""
        self._since = self._clock()

    def lap(self) -> float:
        """Return the seconds of training since the last time, or since it was started."""
        before, self._since = self._since, self._clock()
        return self._since - before

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Time that does not count for how fast a run trains."""
        begun = self._clock()
        yield
        self._since += self._clock() - begun

    @contextlib.contextmanager
    def compiled(self) -> Iterator[None]:
        """Time in which steps are compiled."""
        begun = self._clock()
        yield
        self.compiling += self._clock() - begun
