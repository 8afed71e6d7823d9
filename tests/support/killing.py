"""Runs that are killed and gone on with."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gansuite.testing.reading import metrics
from warm import COLD, warm

Moment = Literal["anywhere", "checkpoint", "samples"]
MOMENTS: tuple[Moment, ...] = ("anywhere", "checkpoint", "samples")

#: Reports, samples and checkpoints come at different steps, so that each is cut off between the others.
SETTINGS = (
    "training.steps=40", "training.batch_size=8", "training.seed=3", "training.report_every=2",
    "training.sample_every=7", "training.checkpoint_every=4", "training.keep=6", "training.precision=float32",
)  # fmt: skip
#: The same on a command line.
TRAINING = tuple(word for setting in SETTINGS for word in ("--set", setting))
STEPS = 40
#: A step early enough that rounding has not grown; its checkpoint is still kept at the end.
COMPARED = 20
_PATIENCE = 300.0


@dataclass(frozen=True, kw_only=True)
class Kill:
    """A process that was killed.

    Args:
        moment: what was waited for.
        reached: the step of its last whole report.
        kept: the newest step that it had a whole checkpoint of; 0 for none.
        cut: names of the unfinished files and folders that it left.
    """

    moment: Moment
    reached: int
    kept: int
    cut: tuple[str, ...]


def devices_flags(devices: int) -> list[str]:
    """Return the flags that choose one device, or some logical ones."""
    return ["--strategy", "one"] if devices == 1 else ["--strategy", "mirrored", "--devices", str(devices)]


def start(*arguments: str, begin: Sequence[str] = COLD, **environment: str) -> subprocess.Popen[str]:
    """Start `gansuite` in a process of its own, with some more variables in its environment."""
    # Users don't set this; a run has to be reproducible without.
    kept = {name: value for name, value in os.environ.items() if name != "TF_DETERMINISTIC_OPS"}
    return subprocess.Popen(
        [*begin, *arguments],
        env={**kept, "PYTHONPATH": os.pathsep.join(sys.path), **environment}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(*arguments: str) -> None:
    """Run `gansuite` to its end, which must be a good one."""
    process = start(*arguments, begin=warm())
    _, errors = process.communicate(timeout=_PATIENCE)
    assert process.returncode == 0, errors


def kill(run: Path, choice: random.Random, moment: Moment, *arguments: str) -> Kill | None:
    """Start `gansuite` on a run and kill it; None where it was done before.

    Args:
        run: its directory.
        choice: decides how long it lives.
        moment: "checkpoint" and "samples" kill while one is written, "anywhere" after some reports.
        arguments: of the command line.
    """
    process = start(*arguments)
    kept = 0
    try:
        await_moment(process, run, choice, moment)
        kept = newest(run)
    finally:
        process.kill()
        process.communicate()
    return killed_at(run, moment, kept) if process.returncode < 0 else None


def newest(run: Path) -> int:
    """Return the newest step that a run has a checkpoint of, as its name says; 0 for none."""
    names = (path.name.removeprefix("step-") for path in (run / "checkpoints").glob("step-*"))
    return max(map(int, names), default=0)


def killed_at(run: Path, moment: Moment, kept: int) -> Kill:
    """Say what a run was like when its process was killed; `kept` is `newest` just before."""
    rows = metrics(run) if (run / "metrics.jsonl").exists() else []
    reached = rows[-1]["step"] if rows else 0
    return Kill(moment=moment, reached=reached, kept=kept, cut=tuple(_unfinished(run)))


def await_moment(process: subprocess.Popen[str], run: Path, choice: random.Random, moment: Moment) -> None:
    """Sleep until it is time to kill, or the process has ended."""
    lines = _lines(run) + choice.randint(1, 6)
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and _lines(run) < lines:
        assert time.monotonic() < deadline, "no progress"
        time.sleep(0.001)
    if moment == "anywhere":
        time.sleep(choice.uniform(0.0, 0.1))
        return
    begun = "checkpoints/.writing-*" if moment == "checkpoint" else "samples/.drawing-*"
    while process.poll() is None and not any(run.glob(begun)):
        time.sleep(0.0005)
    time.sleep(choice.uniform(0.0, 0.02))


def _lines(run: Path) -> int:
    try:
        return (run / "metrics.jsonl").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def _unfinished(run: Path) -> list[str]:
    return sorted(str(path.relative_to(run)) for path in run.rglob(".*") if path.name != ".lock")
