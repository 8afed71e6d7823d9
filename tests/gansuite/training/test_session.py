"""What workers of a run have to have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gansuite.config import to_toml
from gansuite.errors import UsageError
from gansuite.runs import Run
from gansuite.settings import Training
from gansuite.training.crew import Crew
from gansuite.training.session import train
from gansuite.training.strategy import make_strategy
from ring import Ring, RingDomain


class Differing(Crew):
    """Hears what is compared, and that another worker differs."""

    facts: Mapping[str, str]

    def compare(self, occasion: str, facts: Callable[[], Mapping[str, str]], hint: str) -> None:
        self.facts = facts()
        raise UsageError("differs", hint=hint)


def test_workers_compare_settings_versions_data_and_devices(tmp_path: Path, two_devices: list[str]) -> None:
    config = Ring(training=Training(steps=2, batch_size=8, strategy="mirrored", devices=2))
    run = Run.create(tmp_path / "run", "ring", to_toml(config, header={"plugin": "ring", "api": 1}))
    crew = Differing()
    crew.strategy = make_strategy(config.training, Crew())
    with pytest.raises(UsageError, match="differs"):
        train(run, RingDomain(config), config.training, [], crew)
    assert crew.facts["devices of a worker"] == "2 CPU"
    assert crew.facts["training.batch_size"] == "8"
    assert {"version of gansuite", "version of tensorflow", "number of examples"} <= crew.facts.keys()
