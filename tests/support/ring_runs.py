"""Runs of the ring, and what they leave."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from gansuite.config import to_toml
from gansuite.runs import Run
from gansuite.settings import Training
from gansuite.training.observers import Metrics, Observer, Report
from gansuite.training.session import train
from gansuite.training.trainer import Outcome
from ring import Ring, RingDomain

SHORT = Training(
    steps=20, batch_size=8, average=0.9, report_every=5, sample_every=10, checkpoint_every=7, strategy="one"
)


class Watcher(Observer):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def report(self, report: Report) -> None:
        self.told.append(("report", report.step))

    def samples(self, step: int, files: Sequence[Path]) -> None:
        assert all(file.exists() for file in files)
        self.told.append(("samples", step))

    def checkpoint(self, step: int, path: Path) -> None:
        assert path.is_dir()
        self.told.append(("checkpoint", step))

    def note(self, message: str) -> None:
        self.told.append(("note", message))


def ring(path: Path, *observers: Observer, steps: int = 20, **settings: Any) -> tuple[Run, Outcome]:
    """Train a ring in a folder, from its newest checkpoint if there is one."""
    training = dataclasses.replace(settings.pop("training", SHORT), steps=steps)
    kind = settings.pop("kind", RingDomain)
    config = Ring(training=training, **settings)
    if path.exists():
        run = Run.open(path)
    else:
        run = Run.create(path, "ring", to_toml(config, header={"plugin": "ring", "api": 1}, comments=False))
    return run, train(run, kind(config), training, [Metrics(), *observers])


def everything(run: Run, step: int) -> dict[str, np.ndarray]:
    """Read all a checkpoint holds, without the loop's help."""
    reader = tf.train.load_checkpoint(str(run.checkpoints / f"step-{step:08d}" / "state"))
    names = [name for name in reader.get_variable_to_shape_map() if name != "_CHECKPOINTABLE_OBJECT_GRAPH"]
    return {name: reader.get_tensor(name) for name in names}


def metrics(run: Run) -> list[dict[str, Any]]:
    """Read the reports, less the times in them."""
    rows = [json.loads(line) for line in run.metrics_file.read_text().splitlines()]
    return [{key: row[key] for key in ("step", "phase", "examples_seen", "terms")} for row in rows]
