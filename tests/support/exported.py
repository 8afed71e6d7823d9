"""A ring that was trained for two steps, and a version of it."""

from __future__ import annotations

from pathlib import Path

from gansuite.config import to_toml
from gansuite.domain import Domain
from gansuite.export.exporting import export
from gansuite.runs import Run
from gansuite.settings import Training
from gansuite.training.session import train
from gansuite.training.trained import Trained, load_trained
from ring import Ring, RingDomain

NAME = "ring"
TRAINING = Training(steps=2, batch_size=8, strategy="one")


def ring_run(folder: Path) -> Run:
    """Train it."""
    config = Ring(training=TRAINING)
    text = to_toml(config, header={"plugin": "ring", "api": 1}, comments=False)
    run = Run.create(folder / "run", "ring", text)
    train(run, RingDomain(config), TRAINING, [])
    return run


def opened(run: Run, kind: type[Domain] = RingDomain) -> Trained:
    """What it learned, answered by a domain that may be another."""
    return load_trained(run, kind(Ring(training=TRAINING)), note=print)


def exported(trained: Trained, folder: Path, number: int | None = None) -> Path:
    """Make a version of it."""
    return export(trained, folder, name=NAME, number=number, note=lambda _: None)
