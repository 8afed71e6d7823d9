"""Examples over a cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from gansuite.data.cache import CacheWriter, prepare
from gansuite.data.examples import CachedExamples
from gansuite.errors import DataError
from gansuite.noise import Noise

pytestmark = pytest.mark.usefixtures("data_home")


def write(writer: CacheWriter) -> None:
    writer.append("pairs", np.arange(10, dtype=np.uint8).reshape(5, 2))
    writer.append("labels", np.arange(5, dtype=np.int32))
    writer.append("none", np.zeros((0, 2), np.uint8))


def decode(rows: dict[str, tf.Tensor], noise: Noise) -> dict[str, tf.Tensor]:
    pairs = tf.cast(rows["pairs"], tf.float32) + noise.uniform("jitter", [2], 0.0, 0.5)
    return {"pairs": pairs, "labels": rows["labels"]}


def test_examples_are_decoded_rows_with_a_spec_and_noise_of_their_own() -> None:
    arrays = dict(prepare("test", {}, write).arrays)
    del arrays["none"]
    examples = CachedExamples(arrays, decode)
    assert examples.size == 5
    assert examples.spec == {"pairs": tf.TensorSpec([2], tf.float32), "labels": tf.TensorSpec([], tf.int32)}

    @tf.function(input_signature=[tf.TensorSpec([2], tf.int64)])
    def load(indices: tf.Tensor) -> dict[str, tf.Tensor]:
        return examples.load(indices, Noise(seed=1, rows=2))

    first, again = load(tf.constant([4, 0], tf.int64)), load(tf.constant([4, 0], tf.int64))
    assert np.floor(first["pairs"]).tolist() == [[8, 9], [0, 1]]
    assert first["labels"].numpy().tolist() == [4, 0]
    assert np.array_equal(first["pairs"], again["pairs"])
    assert (first["pairs"].numpy() % 1 > 0).all()


def test_no_examples_are_named() -> None:
    arrays = prepare("test", {}, write).arrays
    with pytest.raises(DataError, match="there are no held-out pictures"):
        CachedExamples({"pairs": arrays["none"]}, decode, what="held-out pictures")


def test_arrays_of_different_length_do_not_go_together() -> None:
    arrays = prepare("test", {}, write).arrays
    with pytest.raises(ValueError, match="rows"):
        CachedExamples(dict(arrays), decode)


def test_a_hundred_worker_threads_read_the_same_rows(tmp_path: Path) -> None:
    array = prepare("test", {}, write).arrays["pairs"]
    numbers = tf.data.Dataset.range(2000).map(
        lambda i: array.gather((i % 5)[None])[0, 0], num_parallel_calls=16
    )
    assert [int(number) for number in numbers] == [i % 5 * 2 for i in range(2000)]
