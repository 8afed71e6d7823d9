"""A run and the folder of models it was exported to."""

from __future__ import annotations

from pathlib import Path

import pytest
from exported import exported, opened, ring_run

from gansuite.training.trained import Trained


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Path]:
    """The run, and the folder of models."""
    trained = opened(ring_run(tmp_path_factory.mktemp("runs")))
    folder = tmp_path_factory.mktemp("models")
    exported(trained, folder)
    return trained, folder
