"""Runs that are killed and gone on with, and what they end with, read without the loop's help."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

Moment = Literal["anywhere", "checkpoint", "samples"]
MOMENTS: tuple[Moment, ...] = ("anywhere", "checkpoint", "samples")

#: Reports, samples and checkpoints come at different steps, so that each is cut off between the others.
TRAINING = (
    "--steps", "40", "--batch-size", "8", "--seed", "3", "--set", "training.report_every=2",
    "--set", "training.sample_every=7", "--set", "training.checkpoint_every=4", "--set", "training.keep=6",
)  # fmt: skip
STEPS = 40
#: A step early enough that rounding has not grown; its checkpoint is still kept at the end.
COMPARED = 20
#: What of a report two equal runs differ in.
TIMINGS = ("examples_per_second", "seconds", "memory")
_PATIENCE = 300.0


@dataclass(frozen=True, kw_only=True)
class Kill:
    """A process that was killed.

    Args:
        moment: what was waited for.
        reached: the step of its last whole report.
        cut: names of the unfinished files and folders that it left.
    """

    moment: Moment
    reached: int
    cut: tuple[str, ...]


def devices_flags(devices: int) -> list[str]:
    """Return the flags that choose one device, or some logical ones."""
    return ["--strategy", "one"] if devices == 1 else ["--strategy", "mirrored", "--devices", str(devices)]


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start `gansuite` in a process of its own, with some more variables in its environment."""
    # Users don't set this; a run has to be reproducible without.
    kept = {name: value for name, value in os.environ.items() if name != "TF_DETERMINISTIC_OPS"}
    return subprocess.Popen(
        [sys.executable, "-m", "gansuite", *arguments],
        env={**kept, "PYTHONPATH": os.pathsep.join(sys.path), **environment}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(*arguments: str) -> None:
    """Run `gansuite` to its end, which must be a good one."""
    process = start(*arguments)
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
    try:
        await_moment(process, run, choice, moment)
    finally:
        process.kill()
        process.communicate()
    return killed_at(run, moment) if process.returncode < 0 else None


def killed_at(run: Path, moment: Moment) -> Kill:
    """Say what a run was like when its process was killed."""
    rows = metrics(run) if (run / "metrics.jsonl").exists() else []
    return Kill(moment=moment, reached=rows[-1]["step"] if rows else 0, cut=tuple(_unfinished(run)))


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


def metrics(run: Path) -> list[dict[str, Any]]:
    """Read the whole rows of metrics.jsonl."""
    lines = (run / "metrics.jsonl").read_text().splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def tensors(run: Path, step: int) -> dict[str, np.ndarray]:
    """Read all a checkpoint holds."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(run / "checkpoints" / f"step-{step:08d}" / "state"))
    names = [name for name in reader.get_variable_to_shape_map() if name != "_CHECKPOINTABLE_OBJECT_GRAPH"]
    return {name: reader.get_tensor(name) for name in names}


def differing(run: Path, other: Path, step: int) -> list[str]:
    """Return the tensors of two checkpoints of which a bit differs, or that one of them lacks."""
    first, second = tensors(run, step), tensors(other, step)
    both = first.keys() & second.keys()
    return sorted(
        [*(first.keys() ^ second.keys()), *(name for name in both if not _same(first[name], second[name]))]
    )


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return ‖one - other‖ / ‖one‖, and 0 where both are 0."""
    apart = np.linalg.norm(np.float64(one) - np.float64(other))
    return float(apart / np.linalg.norm(np.float64(one))) if apart else 0.0


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


def untimed(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out of metrics how long things took, and how much memory."""
    return [{key: value for key, value in row.items() if key not in TIMINGS} for row in rows]
