"""Processes that run code of others: whatever it does or starts, nothing of it is left running."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

#: What starts Python without the working folder on its path, where files would hide what is installed.
PYTHON = (sys.executable, "-P")
#: What starts gansuite.
COMMAND = (*PYTHON, "-m", "gansuite")


@contextlib.contextmanager
def started(words: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process in a session of its own; leaving the block ends it, and what it started in its group.

    Args:
        words: the program and its arguments.
        options: of `subprocess.Popen`.
    """
    with subprocess.Popen(words, start_new_session=True, **options) as process:
        try:
            yield process
        finally:
            # Also where it has ended: what it started may not have.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


def ending(code: int) -> str:
    """Say how a process ended, as what follows the word for it."""
    if code < 0:
        return f"ended the process with {signal.Signals(-code).name}"
    return f"ended the process with exit status {code}"
