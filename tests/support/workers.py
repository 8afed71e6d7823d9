"""Several processes that train one run together."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from killing import start
from warm import COLD, warm

_PATIENCE = 240.0


@contextmanager
def workers(*commands: Sequence[str], begin: Sequence[str] = COLD) -> Iterator[list[subprocess.Popen[str]]]:
    """Start a worker for each command line, the chief first; none of them outlives this.

    Args:
        commands: what follows `gansuite`.
        begin: what starts it; `warm()` where none of them is killed.
    """
    with ExitStack() as open_sockets:
        ports = [_free_port(open_sockets) for _ in commands]
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    running = []
    try:
        for index, command in enumerate(commands):
            config = {"cluster": cluster, "task": {"type": "worker", "index": index}}
            running.append(
                start(*command, "--strategy", "multiworker", begin=begin, TF_CONFIG=json.dumps(config))
            )
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


def ends(running: Sequence[subprocess.Popen[str]]) -> list[tuple[int, str]]:
    """Wait for all of them: exit code and what was said on standard error of each."""
    said = [process.communicate(timeout=_PATIENCE)[1] for process in running]
    return [(process.returncode, text) for process, text in zip(running, said, strict=True)]


def wait_for(condition: Callable[[], bool], running: Sequence[subprocess.Popen[str]]) -> None:
    """Wait until something is so; none of the workers may end before."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "no progress"
        assert all(process.poll() is None for process in running)
        time.sleep(0.05)


def finish_together(*commands: Sequence[str]) -> list[str]:
    """Run workers to their end, which must be a good one, and return what each said on standard error."""
    with workers(*commands, begin=warm()) as running:
        ended = ends(running)
    assert [code for code, _ in ended] == [0] * len(commands), ended
    return [text for _, text in ended]


def _free_port(opened: ExitStack) -> int:
    """A port that is free now, held until all are found, so that no two are the same."""
    held = opened.enter_context(socket.socket())
    held.bind(("127.0.0.1", 0))
    return int(held.getsockname()[1])
