"""The command line: one file per verb, nothing heavy imported before a verb runs.

Completion: ``eval "$(_GANSUITE_COMPLETE=bash_source gansuite)"`` (or ``zsh_source``, ``fish_source``).
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

import click

from gansuite.cli.group import gansuite
from gansuite.cli.interrupts import interrupts, leave_undisturbed, quiet_destructors
from gansuite.cli.screen import Screen, print_any_name
from gansuite.errors import GansuiteError
from gansuite.origin import said
from gansuite.plugin import SEE

_INTERRUPTED = 130


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
        quiet_destructors(screen)
        print_any_name()
    try:
        with interrupts():
            code = gansuite.main(arguments, prog_name="gansuite", standalone_mode=False, obj=screen)
    except GansuiteError as error:
        return _failed(screen, error, str(error), error.exit_code)
    except click.Abort as error:
        # click makes no difference between Ctrl-C and a file that ended too early.
        if isinstance(error.__cause__, EOFError):
            return _unforeseen(screen, error.__cause__)
        return _failed(screen, error, "interrupted; nothing half-written was kept", _INTERRUPTED)
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except Exception as error:  # whatever is left is a fault of ours or of a plugin
        return _unforeseen(screen, error)
    finally:
        if arguments is None:
            leave_undisturbed()
    return code if isinstance(code, int) else 0


def _unforeseen(screen: Screen, error: Exception) -> int:
    return _failed(screen, error, f"{said(error)}\n  {SEE}", 1)


def _failed(screen: Screen, error: BaseException, text: str, code: int) -> int:
    if screen.verbose:
        traceback.print_exception(error)
        text = text.replace(f"\n  {SEE}", "")
    click.echo(f"gansuite: {text}", err=True)
    return code
