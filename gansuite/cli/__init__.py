"""The command line: one file per verb, nothing heavy imported before a verb runs.

Completion: ``eval "$(_GANSUITE_COMPLETE=bash_source gansuite)"`` (or ``zsh_source``, ``fish_source``).
"""

from __future__ import annotations

import _thread
import contextlib
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from types import FrameType

import click

from gansuite.cli.group import gansuite
from gansuite.cli.screen import Screen
from gansuite.errors import GansuiteError

_INTERRUPTED = 130
#: Seconds that a destructor may take.
_SOON = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        arguments: without the program's name; None for those of this process.

    Returns:
        The exit code: 0 done, 1 failed while running, 2 usage, configuration or data, 3 plugin,
        4 training diverged, 130 interrupted.
    """
    screen = Screen()
    if arguments is None:
        _lose_no_interrupt(screen)
    try:
        with _sigterm_interrupts():
            code = gansuite.main(arguments, prog_name="gansuite", standalone_mode=False, obj=screen)
    except GansuiteError as error:
        return _failed(screen, error, str(error), error.exit_code)
    except click.Abort as error:
        text = "interrupted; nothing half-written was kept\n  the same command goes on from what was finished"
        return _failed(screen, error, text, _INTERRUPTED)
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except Exception as error:  # whatever is left is a fault of ours or of a plugin
        text = f"{type(error).__name__}: {error}\n  gansuite -v shows where"
        return _failed(screen, error, text, 1)
    finally:
        if arguments is None:
            _leave_undisturbed()
    return code if isinstance(code, int) else 0


@contextlib.contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM end the process as Ctrl-C does, so that it too takes away what is half-written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _lose_no_interrupt(screen: Screen) -> None:
    # Python ignores what is raised in a destructor, with a traceback that tells a person nothing. A Ctrl-C
    # that came in the midst of one comes once more.
    def hook(ignored: sys.UnraisableHookArgs) -> None:
        if issubclass(ignored.exc_type, KeyboardInterrupt):
            threading.Timer(_SOON, _interrupt_main).start()
        elif screen.verbose:
            sys.__unraisablehook__(ignored)

    sys.unraisablehook = hook


def _interrupt_main() -> None:
    ident = threading.main_thread().ident
    if sys.platform == "win32" or ident is None:
        _thread.interrupt_main()
    else:
        signal.pthread_kill(ident, signal.SIGINT)  # wakes it up from sleep as well


def _leave_undisturbed() -> None:
    # All has been said and done: one more Ctrl-C would only make the interpreter's end look like a crash.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _failed(screen: Screen, error: BaseException, text: str, code: int) -> int:
    if screen.verbose:
        traceback.print_exception(error)
    click.echo(f"gansuite: {text}", err=True)
    return code
