"""Stands for a process that `warm.py` forks: `python waiting.py SOCKET [WORD]...`."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

early: list[int] = []
running: list[int] = []


def pass_on(number: int, _frame: FrameType | None) -> None:
    if running:
        os.kill(running[0], number)
    else:
        early.append(number)


def told() -> int:
    """Wait for a number from the process that keeps the fork."""
    number = connection.recv(4, socket.MSG_WAITALL)
    if len(number) < 4:
        sys.exit("what forks processes for tests is gone")
    return int.from_bytes(number, "big")


for one in (signal.SIGINT, signal.SIGTERM):
    signal.signal(one, pass_on)
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
asked = {"folder": str(Path.cwd()), "environment": dict(os.environ), "words": sys.argv[2:]}
text = json.dumps(asked).encode()
socket.send_fds(connection, [len(text).to_bytes(8, "big")], [0, 1, 2])
connection.sendall(text)
running.append(told())
for one in early:
    os.kill(running[0], one)
status = told()
if os.WIFSIGNALED(status):
    signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
    os.kill(os.getpid(), os.WTERMSIG(status))
sys.exit(os.waitstatus_to_exitcode(status))
