"""What runs end with, read without the loop's help, and how far two of them are from each other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

#: What of a report two equal runs differ in.
TIMINGS = ("examples_per_second", "seconds", "compiling", "memory", "begun")


def steps_kept(run: Path) -> list[int]:
    """Return the steps of a run's checkpoints, from the first to the last."""
    return sorted(int(path.name.removeprefix("step-")) for path in (run / "checkpoints").glob("step-*"))


def tensors(run: Path, step: int) -> dict[str, np.ndarray]:
    """Read all a checkpoint holds."""
    reader = tf.train.load_checkpoint(str(checkpoint(run, step) / "state"))
    names = [name for name in reader.get_variable_to_shape_map() if name != "_CHECKPOINTABLE_OBJECT_GRAPH"]
    return {name: reader.get_tensor(name) for name in names}


def checkpoint(run: Path, step: int) -> Path:
    """Return where a checkpoint lies."""
    return run / "checkpoints" / f"step-{step:08d}"


def differing(run: Path, other: Path, step: int) -> list[str]:
    """Return the tensors of two checkpoints of which a bit differs, or that one of them lacks."""
    first, second = tensors(run, step), tensors(other, step)
    both = first.keys() & second.keys()
    return sorted(
        [*(first.keys() ^ second.keys()), *(name for name in both if not _same(first[name], second[name]))]
    )


def distances(run: Path, other: Path, step: int) -> dict[str, float]:
    """Return how far the networks of two checkpoints, and their averages, are from each other, by tensor."""
    first, second = tensors(run, step), tensors(other, step)
    learned = [name for name in first if name.startswith(("networks/", "averages/"))]
    return {name: distance(first[name], second[name]) for name in learned}


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return ‖one - other‖ / ‖one‖, and 0 where both are 0."""
    apart = np.linalg.norm(np.float64(one) - np.float64(other))
    return float(apart / np.linalg.norm(np.float64(one))) if apart else 0.0


def metrics(run: Path) -> list[dict[str, Any]]:
    """Read the whole rows of metrics.jsonl."""
    lines = (run / "metrics.jsonl").read_text("utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def untimed(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out of metrics how long things took, and how much memory."""
    return [{key: value for key, value in row.items() if key not in TIMINGS} for row in rows]


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
