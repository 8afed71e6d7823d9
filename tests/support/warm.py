"""Programs in processes that begin with TensorFlow imported, which is most of what starting takes.

One process for each session of tests imports TensorFlow and Keras, as `gansuite` does, and nothing else. For
each command it forks a process that goes on as `python -m gansuite` would, or `python SCRIPT`, with the
folder, the environment, the files and the arguments of who asked. What is started in its stead, `waiting.py`,
passes signals on and ends as the fork does; where it is killed, the fork is killed too. What a script starts
by `gansuite.apart.COMMAND` is forked as well. Tests of starting itself, and of killing, start `COLD`.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

COLD = (sys.executable, "-m", "gansuite")
_WAITING = Path(__file__).with_name("waiting.py")
_LEFT_OUT = ("PYTHONPATH", "TF_CONFIG", "TF_DETERMINISTIC_OPS")
_GANSUITE = ("-m", "gansuite")
#: Where scripts find what forks.
_AT = "GANSUITE_TEST_FORKS"
#: Seconds between two looks at whether who waits is still there.
_OFTEN = 0.02


def warm(*program: str) -> tuple[str, ...]:
    """Return the words that start `gansuite`, or a script; the arguments come behind them."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return (sys.executable, *(program or _GANSUITE))
    return _waiting(os.environ.get(_AT) or _forks(), *(program or _GANSUITE))


def _waiting(address: str, *program: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", str(_WAITING), address, *program)


@cache
def _forks() -> str:
    """Start what forks, and return its address."""
    folder = tempfile.mkdtemp(prefix="gansuite-warm-")
    address = f"{folder}/socket"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    # What a command asks of TensorFlow is in its own environment.
    environment = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    serving = subprocess.Popen(
        [sys.executable, __file__, str(listener.fileno()), folder], stdin=subprocess.PIPE,
        pass_fds=[listener.fileno()], env=environment,
    )  # fmt: skip
    listener.close()
    atexit.register(serving.communicate)  # closes the pipe, at which it ends
    return address


def _serve(listener: socket.socket, folder: str) -> list[str]:
    """Fork for each command; returns in the forks, which are then to run theirs: its words."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            shutil.rmtree(folder, ignore_errors=True)
            os._exit(0)
        asked, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            return _keep(asked)
        asked.close()


def _keep(asked: socket.socket) -> list[str]:
    """Fork the process that runs the command, and tell who asked how it ended; returns in the fork."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, files, _, _ = socket.recv_fds(asked, 8, 3)
    text = asked.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL)
    if len(text) < int.from_bytes(size, "big"):
        os._exit(1)
    running = os.fork()
    if running == 0:
        asked.close()
        return _become(files, **json.loads(text))
    for number in files:
        os.close(number)
    with contextlib.suppress(OSError):
        asked.sendall(running.to_bytes(4, "big"))
    ended, status = 0, 0
    while not ended:
        if select.select([asked], [], [], _OFTEN)[0]:
            # Nothing is ever said: who waits is gone.
            os.kill(running, signal.SIGKILL)
            os.waitpid(running, 0)
            os._exit(1)
        ended, status = os.waitpid(running, os.WNOHANG)
    with contextlib.suppress(OSError):
        asked.sendall(status.to_bytes(4, "big"))
    os._exit(0)


def _become(files: list[int], folder: str, environment: dict[str, str], words: list[str]) -> list[str]:
    """Be a process as who asked would have started it; what it is to run."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, given in enumerate(files):
        os.dup2(given, number)
        os.close(given)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    given = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [folder, *given, *(path for path in sys.path[1:] if path not in given)]
    for name in [name for name in sys.modules if name.partition(".")[0] == "gansuite"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    return words


def _run(address: str, program: str, *words: str) -> None:
    if program == "-m":
        sys.argv = list(words)
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
        return
    sys.argv = [program, *words]
    sys.path[0] = str(Path(program).resolve().parent)
    os.environ[_AT] = address
    from gansuite import apart

    apart.COMMAND = _waiting(address, *_GANSUITE)
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    from gansuite.cli.screen import Screen

    Screen().import_tensorflow()
    place = sys.argv[2]
    asked_for = _serve(socket.socket(fileno=int(sys.argv[1])), place)
    _run(f"{place}/socket", *asked_for)
