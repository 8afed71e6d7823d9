"""What the workers of a run agree on, as far as one process can tell."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf

from gansuite.training import crew
from gansuite.training.cluster import Cluster


@pytest.mark.parametrize("gpus", [0, 1, 8])
def test_tensorflow_is_told_of_all_gpus_that_a_worker_sees(
    monkeypatch: pytest.MonkeyPatch, gpus: int
) -> None:
    def present(kind: str) -> list[Any]:
        return [object()] * (gpus if kind == "GPU" else 1)

    monkeypatch.setattr(tf.config, "list_physical_devices", present)
    resolver = crew._resolver(Cluster(addresses=("one:1", "two:1"), index=1))
    assert resolver.num_accelerators() == {"GPU": gpus}
    assert (resolver.task_id, resolver.cluster_spec().num_tasks("worker")) == (1, 2)
