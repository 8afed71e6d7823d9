"""Precision that is left to the machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gansuite.composition import Request, compose
from gansuite.errors import GansuiteError, UsageError
from gansuite.precision import layer_precision
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.training import calibration
from gansuite.training.calibration import decide, decided
from killing import finish
from tiny import TINY


@pytest.mark.parametrize(
    ("full", "half", "chosen"), [(10.0, 5.0, "bfloat16"), (10.0, 9.8, "float32"), (10.0, 20.0, "float32")]
)
def test_bfloat16_is_chosen_where_it_saves_time(full: float, half: float, chosen: str) -> None:
    decision = decided({"float32": full, "bfloat16": half})
    assert decision.precision == chosen
    assert f"{half:.4g} ms in bfloat16" in decision.text


def test_both_are_tried_where_the_device_has_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "bfloat16_device", lambda: ("this CPU", True))
    settings = [f"data.source={TINY['wgan'].data(tmp_path)}", *TINY["wgan"].settings]
    plugin = load("wgan")
    told: list[str] = []
    found = decide(plugin, compose(plugin, Request(assignments=settings)), told.append)
    assert told == ["trying some steps in float32 and bfloat16"]
    assert found == decided(found.milliseconds)
    assert min(found.milliseconds.values()) > 0


def test_what_cannot_be_tried_is_float32(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "bfloat16_device", lambda: ("this CPU", True))
    tiny = [f"data.source={TINY['wgan'].data(tmp_path)}", *TINY["wgan"].settings]
    settings = [*tiny, "training={batch_size=3,strategy='mirrored',devices=2}"]
    plugin = load("wgan")
    found = decide(plugin, compose(plugin, Request(assignments=settings)), print)
    assert found.precision == "float32"
    assert "could not be tried: " in found.reason


@pytest.mark.parametrize(
    ("customized", "found"),
    [
        ("import atexit; atexit.register(print, 'goodbye')", "ms in bfloat16"),
        ("import os; print('{}', flush=True); os._exit(0)", "what came of it cannot be read"),
    ],
)
def test_what_the_process_that_tries_says_beside_is_not_taken_for_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, customized: str, found: str
) -> None:
    monkeypatch.setattr(calibration, "bfloat16_device", lambda: ("this CPU", True))
    (tmp_path / "sitecustomize.py").write_text(customized)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    settings = [f"data.source={TINY['gan'].data(tmp_path)}", *TINY["gan"].settings]
    plugin = load("gan")
    assert found in decide(plugin, compose(plugin, Request(assignments=settings)), print).reason


def test_data_is_read_before_anything_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "bfloat16_device", lambda: ("this CPU", True))
    plugin = load("wgan")
    with pytest.raises(GansuiteError, match="lost"):
        decide(plugin, compose(plugin, Request(assignments=[f"data.source={tmp_path / 'lost'}"])), print)


def test_a_run_keeps_what_was_decided(tmp_path: Path) -> None:
    tiny = TINY["gan"].arguments(tmp_path)
    run = tmp_path / "run"
    finish("train", "gan", *tiny, "--steps", "1", "--precision", "auto", "--out", str(run), "-q")
    kept = json.loads((run / "calibration.json").read_text())
    config = Run.open(run).config(load("gan").config_class())
    assert config.training.precision == kept["precision"]  # type: ignore[attr-defined]
    assert kept["reason"]


def test_workers_do_not_decide_each_for_itself() -> None:
    plugin = load("gan")
    settings = ["training.strategy=multiworker", "training.precision=auto"]
    with pytest.raises(UsageError, match="workers could decide differently"):
        decide(plugin, compose(plugin, Request(assignments=settings)), print)


def test_networks_are_not_built_in_a_precision_that_is_not_decided() -> None:
    with pytest.raises(UsageError, match="has to be decided"), layer_precision("auto"):
        pass
