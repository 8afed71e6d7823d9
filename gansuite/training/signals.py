"""Stopping when asked to, between two steps."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

#: What asks a process to stop: Ctrl-C, a scheduler, a terminal that is closed.
STOPPING = tuple(
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__
)


def heard() -> dict[signal.Signals, Any]:
    """Return the signals that are not ignored, as nohup and shells have it of what runs in the background."""
    handlers = {number: signal.getsignal(number) for number in STOPPING}
    return {number: handler for number, handler in handlers.items() if handler is not signal.SIG_IGN}


class StopRequest:
    """Whether somebody asked the run to stop, and how."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self.before: Any = signal.default_int_handler

    def __bool__(self) -> bool:
        return self.signal is not None

    def note(self, number: int, frame: FrameType | None) -> None:
        """Remember a signal; a second Ctrl-C does at once what it did before."""
        if self.signal is not None and number == signal.SIGINT and callable(self.before):
            self.before(number, frame)
        self.signal = signal.Signals(number)


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """Turn Ctrl-C and the like into a request; outside the main thread nothing is changed."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    kept = heard()
    for number in kept:
        signal.signal(number, request.note)
    request.before = kept.get(signal.SIGINT)
    try:
        yield request
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
