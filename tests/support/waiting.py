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


for one in (signal.SIGINT, signal.SIGTERM):
    signal.signal(one, pass_on)
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
asked = {"folder": str(Path.cwd()), "environment": dict(os.environ), "words": sys.argv[2:]}
text = json.dumps(asked).encode()
socket.send_fds(connection, [len(text).to_bytes(8, "big")], [0, 1, 2])
connection.sendall(text)
running.append(int.from_bytes(connection.recv(4), "big"))
for one in early:
    os.kill(running[0], one)
status = int.from_bytes(connection.recv(4), "big")
if os.WIFSIGNALED(status):
    signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
    os.kill(os.getpid(), os.WTERMSIG(status))
sys.exit(os.waitstatus_to_exitcode(status))
