from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from gansuite.noise import Noise
from gansuite_music.config import MusicData, Pitches, Track
from gansuite_music.phrases import prepare_phrases
from gansuite_music.rolls import PhraseExamples, transposed

TRACKS = (Track(name="Drums", drum=True), Track(name="Piano", programs=("others",)))
PITCHES = Pitches(low=30, high=76)


@pytest.fixture
def examples(write_song: Callable[..., Path], voice: Any, data_home: Path) -> Callable[..., PhraseExamples]:
    for song in range(4):
        notes = [(step, 3, 40 + song + (step // 4) % 9) for step in range(0, 6 * 16, 4)]
        strokes = [(step, 1, 36) for step in range(0, 6 * 16, 8)]
        path = write_song(f"{song}.mid", [voice(notes), voice(strokes, channel=9)])

    def make(split: Any = "train", **data: Any) -> PhraseExamples:
        settings_ = MusicData(**data)
        cache = prepare_phrases(path.parent, settings_, PITCHES, TRACKS)
        return PhraseExamples(cache=cache, split=split, data=settings_, pitches=PITCHES, tracks=TRACKS)

    assert str(data_home) in str(make().cache.folder)
    return make


def load(examples: PhraseExamples, indices: np.ndarray, seed: int = 0) -> np.ndarray:
    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
    def graph(rows: tf.Tensor) -> Any:
        batch = examples.load(rows, Noise(seed=seed, rows=tf.shape(rows)[0]))
        assert tf.TensorSpec([None, *examples.spec["rolls"].shape]).is_compatible_with(batch["rolls"])
        return batch

    return np.asarray(graph(tf.constant(indices, tf.int64))["rolls"])


def test_phrases_in_the_graph_are_those_on_disk(examples: Callable[..., PhraseExamples]) -> None:
    train = examples()
    indices = np.array([3, 0, 3, train.size - 1])
    loaded = load(train, indices)
    assert loaded.dtype == np.float32
    assert loaded.shape == (4, 32, 2, 47)
    assert set(np.unique(loaded)) == {0.0, 1.0}
    np.testing.assert_array_equal(loaded != 0, train.read(indices))


def test_training_phrases_are_transposed_and_held_out_ones_are_not(
    examples: Callable[..., PhraseExamples],
) -> None:
    plain, moved = examples(), examples(transpose=5)
    indices = np.zeros(200, np.int64)
    original, drawn = load(plain, indices[:1])[0], load(moved, indices)
    lowest = original[:, 1].any(axis=0).argmax()
    shifts = {int(roll[:, 1].any(axis=0).argmax() - lowest) for roll in drawn}
    assert shifts == set(range(-5, 6))
    for roll in drawn:
        shift = int(roll[:, 1].any(axis=0).argmax() - lowest)
        np.testing.assert_array_equal(roll[:, 1], np.roll(original[:, 1], shift, axis=-1))
        np.testing.assert_array_equal(roll[:, 0], original[:, 0])
    valid = examples("valid", transpose=5)
    every = np.arange(valid.size)
    np.testing.assert_array_equal(load(valid, every) != 0, valid.read(every))


def test_transposition_is_a_function_of_the_noise(examples: Callable[..., PhraseExamples]) -> None:
    moved = examples(transpose=5)
    indices = np.arange(8) % moved.size
    np.testing.assert_array_equal(load(moved, indices, seed=1), load(moved, indices, seed=1))
    assert (load(moved, indices, seed=1) != load(moved, indices, seed=2)).any()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 12), st.floats(0, 1, exclude_max=True, width=32))
def test_transposition_loses_no_note(seed: int, most: int, place: float) -> None:
    rolls = (np.random.default_rng(seed).random((2, 4, 2, 9)) < 0.1).astype(np.uint8)
    drums = np.array([False, True])
    moved = transposed(rolls, drums, most, np.full(2, place, np.float32))
    np.testing.assert_array_equal(moved.sum(axis=3), rolls.sum(axis=3))
    for before, after in zip(rolls[:, :, 0], moved[:, :, 0], strict=True):
        moves = [move for move in range(-most, most + 1) if (np.roll(before, move, axis=-1) == after).all()]
        assert moves, "a phrase keeps its intervals"
