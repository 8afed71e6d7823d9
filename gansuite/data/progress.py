"""How far a long job is, on standard error: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from types import TracebackType
from typing import Any, Generic, Never, Self, TypeVar, overload

from tqdm import tqdm

T = TypeVar("T")

SECONDS_BETWEEN_LINES = 10.0
_quiet = False


def set_quiet(quiet: bool) -> None:
    """Turn off (or on again) every bar and line of progress in this process."""
    global _quiet
    _quiet = quiet


def note(message: str) -> None:
    """Say one thing about the work under way, on standard error."""
    if not _quiet:
        tqdm.write(message, file=sys.stderr)


@overload
def progress(work: int, what: str) -> Progress[Never]: ...
@overload
def progress(work: Iterable[T], what: str, *, total: int | None = None) -> Progress[T]: ...
def progress(work: Iterable[T] | int, what: str, *, total: int | None = None) -> Progress[Any]:
    """Follow a job.

    Args:
        work: what to iterate over, or, to be advanced by hand inside a ``with``, the number of things to do.
        what: shown before the count ("resizing pictures").
        total: the number of things, where ``work`` cannot tell.

    Returns:
        An iterable over ``work`` that is also a context manager with ``advance``.
    """
    if isinstance(work, int):
        return Progress((), what, work)
    if total is None and isinstance(work, Sized):
        total = len(work)
    return Progress(work, what, total)


class Progress(Generic[T]):
    """One job being followed; made by ``progress``."""

    def __init__(self, work: Iterable[T], what: str, total: int | None) -> None:
        self.what = what
        self.total = total
        self.done = 0
        self._work = work
        self._bar: tqdm[Never] | None = None
        self._last_line = time.monotonic()
        self._lines = 0
        if not _quiet and sys.stderr.isatty():
            large = (total or 0) > 1_000_000
            self._bar = tqdm(
                total=total, desc=what, file=sys.stderr, dynamic_ncols=True, leave=False, unit_scale=large
            )

    def __iter__(self) -> Iterator[T]:
        with self:
            for item in self._work:
                yield item
                self.advance()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._lines and kind is None:
            self._line()

    def advance(self, count: int = 1) -> None:
        """Say that ``count`` more things are done."""
        self.done += count
        if self._bar is not None:
            self._bar.update(count)
        elif time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._line()

    def _line(self) -> None:
        if _quiet:
            return
        self._last_line = time.monotonic()
        self._lines += 1
        share = f" of {self.total}" if self.total is not None else ""
        print(f"{self.what}: {self.done}{share}", file=sys.stderr, flush=True)
