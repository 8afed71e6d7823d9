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
from gansuite.cli.screen import Screen
from gansuite.errors import GansuiteError

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
    try:
        with interrupts():
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
            leave_undisturbed()
    return code if isinstance(code, int) else 0


def _failed(screen: Screen, error: BaseException, text: str, code: int) -> int:
    if screen.verbose:
        traceback.print_exception(error)
    click.echo(f"gansuite: {text}", err=True)
    return code
