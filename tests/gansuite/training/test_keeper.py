"""Checkpoints are finished beside training, and no failure of theirs is lost."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest
import tensorflow as tf

from gansuite.errors import CheckpointError, DivergenceError
from gansuite.training import checkpoints
from gansuite.training.checkpoints import Checkpoints
from gansuite.training.keeper import Keeper


@pytest.fixture
def learned() -> tf.Variable:
    return tf.Variable([1.0, 2.0])


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def keeper(tmp_path: Path, told: list[int]) -> Keeper:
    return Keeper(Checkpoints(tmp_path / "checkpoints"), lambda step, path: told.append(step))


def names(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "checkpoints").iterdir())


def test_what_is_kept_is_of_the_step_that_was_asked_for(
    tmp_path: Path, keeper: Keeper, told: list[int], learned: tf.Variable, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = threading.Event()
    synchronise = checkpoints.synchronise
    monkeypatch.setattr(checkpoints, "synchronise", lambda path: (going_on.wait(60), synchronise(path)))
    state = tf.train.Checkpoint(learned=learned)
    with keeper:
        keeper.keep(state, 3)
        learned.assign([5.0, 6.0])
        keeper.look()
        assert told == []
        assert names(tmp_path) == [".writing-00000003"]
        going_on.set()
        keeper.settle()
        assert told == [3]
        keeper.keep(state, 4)
    assert told == [3, 4]
    kept = Checkpoints(tmp_path / "checkpoints")
    assert kept.newest_sound() == (4, [])
    kept.read(state, 3)
    assert learned.numpy().tolist() == [1.0, 2.0]


def test_a_checkpoint_that_fails_beside_training_stops_it_and_leaves_nothing(
    tmp_path: Path, keeper: Keeper, told: list[int], learned: tf.Variable, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tf.train.Checkpoint(learned=learned)
    keeper.keep(state, 3)
    keeper.settle()
    monkeypatch.setattr(checkpoints, "synchronise", full)
    keeper.keep(state, 4)
    with pytest.raises(CheckpointError, match=r"step 4 could not be written: .*No space left") as caught:
        keeper.keep(state, 5)
    assert "The checkpoint of step 3 is intact" in str(caught.value)
    assert told == [3]
    assert names(tmp_path) == ["step-00000003"]


def test_what_stopped_the_run_is_said_and_not_that_its_checkpoint_failed(
    keeper: Keeper, learned: tf.Variable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "synchronise", full)

    def diverge() -> None:
        with keeper:
            keeper.keep(tf.train.Checkpoint(learned=learned), 3)
            raise DivergenceError("The term became nan.")

    with pytest.raises(DivergenceError, match="became nan"):
        diverge()


def full(path: Path) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", str(path))
