"""Checkpoints: which are kept, and what becomes of a run where one is damaged or cannot be written."""

from __future__ import annotations

import dataclasses
import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gansuite.domain import Split
from gansuite.errors import CheckpointError, GansuiteError, RunError, UsageError
from gansuite.game import Networks
from gansuite.training import trained
from gansuite.training.checkpoints import Checkpoints
from gansuite.training.observers import Observer, Report
from ring import Points, Ring, RingDomain
from ring_runs import SHORT, Watcher, everything, metrics, ring


def test_only_the_newest_checkpoints_stay(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run", training=dataclasses.replace(SHORT, checkpoint_every=4, keep=2))
    assert sorted(path.name for path in run.checkpoints.iterdir()) == ["step-00000016", "step-00000020"]


def test_a_checkpoint_holds_each_weight_once(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run")
    kept = everything(run, 20)
    for name, weight in kept.items():
        if name.startswith("networks/"):
            assert [other for other, value in kept.items() if np.array_equal(value, weight)] == [name]


def test_a_damaged_checkpoint_is_passed_over_and_named(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run")
    expected = everything(run, 20)
    data = run.checkpoints / "step-00000020" / "state.data-00000-of-00001"
    damaged = bytearray(data.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    data.write_bytes(damaged)
    watcher = Watcher()
    ring(tmp_path / "run", watcher)
    notes = [text for kind, text in watcher.told if kind == "note"]
    assert any("step 20 is damaged" in note and "state.data" in note for note in notes)
    for name, value in everything(run, 20).items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name)


def test_a_checkpoint_that_a_run_under_way_removes_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = ring(tmp_path / "run", steps=14)
    notes: list[str] = []
    newer = Checkpoints(run.checkpoints).path(14).rename(tmp_path / "newer")

    class Looked(Checkpoints):
        def damage(self, step: int) -> str | None:
            if newer.exists():
                newer.rename(self.path(14))
                shutil.rmtree(self.path(7))
            return super().damage(step)

    assert Looked(run.checkpoints).newest_sound() == (14, [])
    later = Checkpoints(run.checkpoints).path(14)

    def built(*arguments: Any) -> Networks:
        if later.exists():
            later.rename(Checkpoints(run.checkpoints).path(15))
            rewrite = Checkpoints(run.checkpoints).path(15) / "manifest.json"
            rewrite.write_text(rewrite.read_text().replace('"step": 14', '"step": 15'))
        return building(*arguments)

    building = trained._built
    monkeypatch.setattr(trained, "_built", built)
    opened = trained.load_trained(run, RingDomain(Ring(training=SHORT)), notes.append)
    assert (opened.step, notes) == (15, [])


def test_a_run_of_which_no_checkpoint_can_be_read_says_so(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run", steps=5)
    (run.checkpoints / "step-00000005" / "manifest.json").write_text("{")
    with pytest.raises(RunError, match="No checkpoint of this run can be read"):
        ring(tmp_path / "run")


def test_a_checkpoint_that_cannot_be_read_now_is_not_passed_over(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run", steps=7)
    data = run.checkpoints / "step-00000007" / "state.data-00000-of-00001"
    content = data.read_bytes()
    data.unlink()
    data.symlink_to(data.name)  # reading it is an error that says nothing of what was written
    with pytest.raises(CheckpointError, match=r"step 7 cannot be read: .*Too many levels"):
        ring(tmp_path / "run", steps=9)
    data.unlink()
    data.write_bytes(content)
    _, outcome = ring(tmp_path / "run", steps=9)
    assert outcome.step == 9


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    class Blocker(Observer):
        def checkpoint(self, step: int, path: Path) -> None:
            # A file where the next draft's folder would be, which cannot be swept away either.
            (path.parent / ".writing-00000014").symlink_to("/dev/full")

    with pytest.raises(CheckpointError) as caught:
        ring(tmp_path / "run", Blocker())
    assert "The checkpoint of step 7 is intact" in str(caught.value)
    _, outcome = ring(tmp_path / "run", steps=7)
    assert outcome.step == 7


def test_a_damaged_checkpoint_never_takes_the_place_of_a_sound_one(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run", steps=14)
    (run.checkpoints / "step-00000014" / "manifest.json").unlink()
    ring(tmp_path / "run", steps=10, training=dataclasses.replace(SHORT, keep=1))
    assert [path.name for path in run.checkpoints.iterdir()] == ["step-00000010"]
    _, outcome = ring(tmp_path / "run")
    assert outcome.step == 20


def test_a_damaged_checkpoint_is_none_of_those_to_keep(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run", steps=14)
    (run.checkpoints / "step-00000014" / "manifest.json").unlink()
    ring(tmp_path / "run", training=dataclasses.replace(SHORT, checkpoint_every=9, keep=2), steps=18)
    assert sorted(path.name for path in run.checkpoints.iterdir()) == ["step-00000009", "step-00000018"]


def test_what_was_learned_is_kept_where_something_else_fails(tmp_path: Path) -> None:
    class Full(Observer):
        essential = True

        def report(self, report: Report) -> None:
            if report.step == 10:
                raise GansuiteError("cannot be written", where="metrics.jsonl")

    whole, _ = ring(tmp_path / "whole")
    with pytest.raises(GansuiteError, match="cannot be written"):
        ring(tmp_path / "run", Full())
    run, _ = ring(tmp_path / "run", steps=10)
    assert [path.name for path in sorted(run.checkpoints.iterdir())] == ["step-00000007", "step-00000010"]
    ring(tmp_path / "run")
    for name, value in everything(run, 20).items():
        np.testing.assert_array_equal(value, everything(whole, 20)[name], err_msg=name)
    # What not all were told is part of the next report.
    missing, after = metrics(whole)[1:3]
    assert [row["step"] for row in metrics(run)] == [5, 10, 15, 20]
    for name, mean in metrics(run)[2]["terms"].items():
        assert mean == pytest.approx((missing["terms"][name] + after["terms"][name]) / 2, rel=1e-5)


def test_other_data_and_versions_than_before_are_named(tmp_path: Path) -> None:
    class Grown(RingDomain):
        def examples(self, split: Split) -> Points:
            grown = Points()
            grown.size = 70
            return grown

    run, _ = ring(tmp_path / "run", steps=7)
    began = json.loads(run.environment_file.read_text())
    began["packages"]["keras"] = "3.0.0"
    run.environment_file.write_text(json.dumps(began))
    watcher = Watcher()
    ring(tmp_path / "run", watcher, steps=14, kind=Grown)
    notes = [text for kind, text in watcher.told if kind == "note"]
    assert f"keras is {version('keras')}; it was 3.0.0 when this run stopped" in notes
    size = began["examples"]["number of examples"]
    assert f"number of examples, of the data, is 70; it was {size} when this run stopped" in notes
    [before] = json.loads(run.environment_file.read_text())["before"]
    assert before == began
    again = Watcher()
    ring(tmp_path / "run", again, kind=Grown)
    assert not any("when this run stopped" in text for kind, text in again.told if kind == "note")
    assert json.loads(run.environment_file.read_text())["before"] == [began]


def test_fewer_steps_than_were_done_are_refused(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run")
    environment = run.environment_file.read_bytes()
    with pytest.raises(UsageError, match="has got to step 20 already, beyond the 10 steps asked for"):
        ring(tmp_path / "run", steps=10)
    assert run.environment_file.read_bytes() == environment
    watcher = Watcher()
    _, outcome = ring(tmp_path / "run", watcher)
    assert (outcome.step, outcome.reason) == (20, "done")
    assert watcher.told == [("note", "all 20 steps were done before; more steps train it further")]


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path: Path, small_disk: Path) -> None:
    ballast = small_disk / "ballast"

    class Filler(Observer):
        def checkpoint(self, step: int, path: Path) -> None:
            free = shutil.disk_usage(small_disk).free
            # Room for the next reports, and for no checkpoint.
            ballast.write_bytes(bytes(free - sum(file.stat().st_size for file in path.iterdir()) // 2))

    with pytest.raises(CheckpointError) as caught:
        ring(small_disk / "run", Filler())
    assert str(caught.value).splitlines()[0] == (
        f"{small_disk}/run/checkpoints: The checkpoint of step 14 could not be written: "
        "No space left on device"
    )
    assert "The checkpoint of step 7 is intact" in str(caught.value)
    assert caught.value.exit_code == 1
    assert [path.name for path in (small_disk / "run" / "checkpoints").iterdir()] == ["step-00000007"]
    ballast.unlink()
    run, outcome = ring(small_disk / "run")
    assert outcome.reason == "done"
    whole, _ = ring(tmp_path / "whole")
    for name, expected in everything(whole, 20).items():
        np.testing.assert_array_equal(everything(run, 20)[name], expected, err_msg=name)
    assert metrics(run) == metrics(whole)
