"""Ctrl-C, SIGTERM and SIGHUP while a command runs: none is lost, wherever it comes."""

from __future__ import annotations

import _thread
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

from gansuite.cli.screen import Screen
from gansuite.training.signals import STOPPING, heard

#: Seconds until an interrupt that was swallowed comes again; a destructor may take as long.
_SOON = 0.05


class Interrupt(KeyboardInterrupt):
    """A `KeyboardInterrupt` that comes again where it is gone before the command has ended.

    Libraries that catch everything, as some do while they are imported, swallow it, and Python does where it
    is raised in a destructor; without this the command would go on as if nobody had asked it to stop.
    """

    pending = False
    """Whether there is a command that has not ended."""
    coming = False
    """Whether one is about to come again: one of several that were swallowed is enough."""

    def __del__(self) -> None:
        if Interrupt.pending:
            _again()


@contextlib.contextmanager
def interrupts() -> Iterator[None]:
    """Let Ctrl-C and the like end what happens inside, so that it takes away what is half-written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = heard()
    for number, handler in before.items():
        # Who runs a command in a program may have a handler for Ctrl-C.
        if number != signal.SIGINT or handler is signal.default_int_handler:
            signal.signal(number, _interrupt)
    Interrupt.pending = True
    try:
        yield
    finally:
        Interrupt.pending = False
        for number, handler in before.items():
            signal.signal(number, handler)


def leave_undisturbed() -> None:
    """Ignore signals: all has been said and done, and one more would make the end look like a crash."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


def quiet_destructors(screen: Screen) -> None:
    """Tell only who asked for it of exceptions in destructors: a traceback that tells a person nothing."""

    def hook(ignored: sys.UnraisableHookArgs) -> None:
        if issubclass(ignored.exc_type, KeyboardInterrupt):
            if not issubclass(ignored.exc_type, Interrupt):  # which comes again by itself
                _again()
        elif screen.verbose:
            sys.__unraisablehook__(ignored)

    sys.unraisablehook = hook


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise Interrupt


def _again() -> None:
    if Interrupt.coming:
        return
    Interrupt.coming = True
    timer = threading.Timer(_SOON, _interrupt_main)
    timer.daemon = True
    timer.start()


def _interrupt_main() -> None:
    Interrupt.coming = False
    ident = threading.main_thread().ident
    if not Interrupt.pending:
        return
    if sys.platform == "win32" or ident is None:
        _thread.interrupt_main()
    else:
        signal.pthread_kill(ident, next(iter(heard())))  # wakes it up from sleep as well
