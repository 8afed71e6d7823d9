"""The benchmark of training speed beside PyTorch runs; what it measures is not asserted."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from benching import quick

from tiny import plugins_of_this_repository


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs the extra bench")
def test_every_plugin_has_a_peer_in_pytorch_with_as_many_weights(repository: Path) -> None:
    result = quick(repository, "pytorch_speed")
    assert {case["plugin"] for case in result["cases"].values()} == set(plugins_of_this_repository())
    assert len(result["figures"]) == len(result["cases"])
