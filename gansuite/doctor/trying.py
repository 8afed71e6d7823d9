"""Running what may do anything in a process of its own, which says how far it came."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gansuite.apart import PYTHON, ending, started

#: Seconds by the clock in which everything has to be imported.
LIMIT = 120.0

#: Seconds after the limit at which a process ends itself, where who watched it is gone.
_LONGER = 60
#: What the programs begin with: `request`, and `stage`, which runs a function and reports on it.
_BEGINNING = """\
import json, signal, sys, time
report, request, limit, sys.path[:] = json.loads(sys.argv[1])
if hasattr(signal, "alarm"):
    signal.alarm(limit)  # nobody may be left to end this process
from gansuite.errors import GansuiteError, PluginError
from gansuite.origin import said

def say(**facts):
    with open(report, "a") as file:
        file.write(json.dumps(facts) + "\\n")

def stage(stage, function):
    say(begun=stage)
    begun, clock, before = time.process_time(), time.monotonic(), set(sys.modules)
    try:
        value, problem = function(), None
    except GansuiteError as error:
        value, problem = None, error.what
    except BaseException as error:
        value, problem = None, said(error)
    seconds, clock = time.process_time() - begun, time.monotonic() - clock
    loaded = sorted({one.partition(".")[0] for one in set(sys.modules) - before})
    say(done=stage, seconds=seconds, clock=clock, loaded=loaded, problem=problem)
    return value
"""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How far a program came.

    Attributes:
        done: by stage, what it reported: `seconds` of computing, `clock`, what was `loaded`, and the
            `problem` or None.
        unfinished: the stage that it began and did not end.
        ended: how it ended, in words.
        well: whether it ended by itself, with exit status 0.
    """

    done: Mapping[str, Mapping[str, Any]]
    unfinished: str | None
    ended: str
    well: bool

    @property
    def seconds(self) -> Mapping[str, float]:
        """Of computing, by stage."""
        return {stage: round(row["seconds"], 2) for stage, row in self.done.items()}

    @property
    def clock(self) -> Mapping[str, float]:
        """Seconds by the clock, by stage."""
        return {stage: round(row["clock"], 2) for stage, row in self.done.items()}


def tried(program: str, request: Sequence[str], *, limit: float) -> Trial:
    """Run a program.

    Args:
        program: what it does once it has `request` and `stage`.
        request: what it is to know.
        limit: seconds by the clock that it may take.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        report.touch()
        words = json.dumps([str(report), request, math.ceil(limit) + _LONGER, sys.path])
        code, ended = _run([*PYTHON, "-c", _BEGINNING + program, words], limit)
        rows = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    done = {row["done"]: row for row in rows if "done" in row}
    begun = [row["begun"] for row in rows if "begun" in row]
    unfinished = begun[-1] if begun and begun[-1] not in done else None
    return Trial(done=done, unfinished=unfinished, ended=ended, well=code == 0)


def _run(words: Sequence[str], limit: float) -> tuple[int | None, str]:
    """Run a process; its exit code, None where it took too long, and how it ended."""
    before = _computed()
    silent = subprocess.DEVNULL
    with started(words, stdin=silent, stdout=silent, stderr=silent) as process:
        try:
            code = process.wait(limit)
            return code, ending(code)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return None, f"did not end within {limit:g} s, of which it computed {_computed() - before:.1f} s"


def _computed() -> float:
    times = os.times()
    return times.children_user + times.children_system
