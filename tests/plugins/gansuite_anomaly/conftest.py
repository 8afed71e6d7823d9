"""Small runs and small pictures for anomaly detection."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from anomalies import small, write
from gansuite.config import to_toml
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.training.observers import Metrics
from gansuite.training.session import train

#: Of normal pictures and of others.
BRIGHTNESS = (40, 90)


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """A run of four steps; made once for each choice of settings."""

    @cache
    def make(plugin: str, *sets: str) -> Run:
        folder = tmp_path_factory.mktemp(plugin) / "run"
        config = small(plugin, *sets)
        run = Run.create(folder, plugin, to_toml(config, header={"plugin": plugin, "api": 1}))
        train(run, load(plugin).build_domain(config), config.training, [Metrics()])
        return run

    return make


@pytest.fixture
def bottles(tmp_path: Path) -> Path:
    """A folder laid out as MVTec AD: train/good, test/good, test/crack, ground_truth/crack."""
    for part, count in (("train/good", 12), ("test/good", 5), ("test/crack", 4)):
        write(tmp_path / "bottle" / part, count, BRIGHTNESS[part == "test/crack"])
    masks = tmp_path / "bottle" / "ground_truth" / "crack"
    masks.mkdir(parents=True)
    for number in range(4):
        Image.new("L", (20, 20)).save(masks / f"{number}_mask.png")
    return tmp_path / "bottle"
