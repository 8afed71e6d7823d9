"""The stream gives every example once an epoch, from any batch on, to any number of replicas."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from gansuite.noise import Noise
from gansuite.training.stream import Share, shuffled, stream


class Numbers:
    """Examples that tell their index and a number drawn for them."""

    spec = (tf.TensorSpec([], tf.int64), tf.TensorSpec([], tf.float32))

    def __init__(self, size: int) -> None:
        self.size = size

    def load(self, indices: tf.Tensor, noise: Noise) -> tuple[tf.Tensor, tf.Tensor]:
        return indices, noise.uniform("augment")


def read(size: int, batches: int, *, start: int = 0, seed: int = 0, **share: int) -> list[np.ndarray]:
    """Read (index, draw) pairs of some batches."""
    data: Iterable[tuple[tf.Tensor, tf.Tensor]] = stream(
        Numbers(size), Share(**share), seed=seed, first_batch=start
    ).take(batches)
    return [np.stack([indices.numpy(), draws.numpy()], axis=1) for indices, draws in data]


@settings(deadline=None, max_examples=25)
@given(size=st.integers(1, 300), seed=st.integers(0, 2**63 - 1), epoch=st.integers(0, 1000))
def test_an_epoch_holds_every_example_once(size: int, seed: int, epoch: int) -> None:
    positions = tf.range(epoch * size, (epoch + 1) * size, dtype=tf.int64)
    assert sorted(shuffled(positions, size, seed).numpy()) == list(range(size))


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    orders = [
        tuple(shuffled(tf.range(start, start + 50, dtype=tf.int64), 50, seed).numpy())
        for start, seed in ((0, 0), (50, 0), (0, 1))
    ]
    assert len(set(orders)) == 3


def test_a_batch_goes_on_into_the_next_epoch() -> None:
    batches = read(10, 5, batch_size=4)
    indices = np.concatenate(batches)[:, 0]
    assert sorted(indices[:10]) == sorted(indices[10:]) == list(range(10))


@pytest.mark.parametrize(("replicas", "parts"), [(2, 2), (2, 3), (3, 2)])
def test_a_part_of_a_batch_is_divided_between_the_replicas(replicas: int, parts: int) -> None:
    whole = read(50, 2, batch_size=12)
    rows = 12 // (replicas * parts)
    for replica in range(replicas):
        found = read(50, 2, batch_size=12, replicas=replicas, first=replica, parts=parts)
        for one, all_rows in zip(found, whole, strict=True):
            of_parts = all_rows.reshape(parts, replicas, rows, 2)
            np.testing.assert_array_equal(one, of_parts[:, replica].reshape(-1, 2))


@pytest.mark.parametrize("first", [1, 7])
def test_a_stream_can_begin_anywhere(first: int) -> None:
    whole = read(10, first + 3, batch_size=4)
    np.testing.assert_array_equal(read(10, 3, start=first, batch_size=4), whole[first:])


def test_replicas_share_the_rows_of_each_batch_and_their_augmentation() -> None:
    whole = read(30, 4, batch_size=6)
    local = read(30, 12, batch_size=6, replicas=3, local=3)
    for number, batch in enumerate(whole):
        np.testing.assert_array_equal(np.concatenate(local[3 * number : 3 * number + 3]), batch)


def test_a_pipeline_reads_only_the_rows_of_its_replicas() -> None:
    whole = read(30, 2, batch_size=8)
    second = read(30, 4, batch_size=8, replicas=4, first=2, local=2)
    for number, batch in enumerate(whole):
        np.testing.assert_array_equal(np.concatenate(second[2 * number : 2 * number + 2]), batch[4:])


def test_augmentation_is_new_at_every_look() -> None:
    draws = np.concatenate(read(4, 10, batch_size=4))[:, 1]
    assert len(np.unique(draws)) == 40
