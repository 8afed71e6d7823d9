"""An interrupt that somebody swallows comes again, and one that was heard does not."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

import pytest

from gansuite.cli.interrupts import Interrupt, interrupts, quiet_destructors
from gansuite.cli.screen import Screen

NUMBERS = [signal.SIGINT, signal.SIGTERM]
LONG = 20.0


class Destroyed:
    """Is interrupted while it is destroyed."""

    def __del__(self) -> None:
        interrupt(signal.SIGINT)


def interrupt(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    time.sleep(LONG)


@interrupts()
def swallowed_twice(number: signal.Signals) -> None:
    """Be interrupted within what catches everything, as some libraries do while they are imported."""
    for _ in range(2):
        with contextlib.suppress(BaseException):
            interrupt(number)
    time.sleep(LONG)


@interrupts()
def destroyed() -> None:
    Destroyed()
    time.sleep(LONG)


@interrupts()
def passed_on(number: signal.Signals) -> None:
    try:
        interrupt(number)
    except KeyboardInterrupt as error:
        time.sleep(0.2)
        raise ValueError("cleaned up") from error


@pytest.mark.parametrize("number", NUMBERS)
def test_what_somebody_swallows_comes_again(number: signal.Signals) -> None:
    with pytest.raises(Interrupt):
        swallowed_twice(number)


def test_so_does_what_comes_in_a_destructor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    quiet_destructors(Screen())
    with pytest.raises(Interrupt):
        destroyed()


@pytest.mark.parametrize("number", NUMBERS)
def test_what_was_passed_on_does_not_come_again(number: signal.Signals) -> None:
    handlers = [signal.getsignal(one) for one in NUMBERS]
    with pytest.raises(ValueError, match="cleaned up"):
        passed_on(number)
    time.sleep(0.2)
    assert [signal.getsignal(one) for one in NUMBERS] == handlers
