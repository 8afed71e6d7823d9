"""Normalisation of each channel of each picture by itself."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.layers.instance_norm import InstanceNormalization
from gansuite.precision import layer_precision


def test_each_channel_of_each_picture_gets_the_learned_scale_and_centre() -> None:
    layer = InstanceNormalization()
    pictures = 5 + 3 * tf.random.stateless_normal([2, 9, 7, 3], [0, 1])
    layer(pictures)
    layer.scale.assign([1.0, 2.0, 3.0])
    layer.centre.assign([0.0, -1.0, 1.0])
    made = layer(pictures).numpy()
    for row in made:
        assert row.mean(axis=(0, 1)) == pytest.approx([0, -1, 1], abs=1e-5)
        assert row.std(axis=(0, 1)) == pytest.approx([1, 2, 3], rel=1e-4)


def test_it_is_batch_normalisation_of_one_picture() -> None:
    pictures = tf.random.stateless_normal([1, 8, 8, 5], [0, 2])
    ours = InstanceNormalization()(pictures)
    theirs = keras.layers.BatchNormalization(epsilon=1e-5)(pictures, training=True)
    assert np.abs(ours - theirs).max() < 1e-5


@pytest.mark.parametrize(("precision", "rounding"), [("float32", 1e-4), ("bfloat16", 2e-2)])
def test_a_picture_alone_is_normalised_in_one_operation_and_like_among_others(
    precision: Any, rounding: float
) -> None:
    with layer_precision(precision):
        layer = InstanceNormalization()
    pictures = tf.cast(5 + 3 * tf.random.stateless_normal([2, 9, 7, 3], [0, 4]), layer.compute_dtype)

    @tf.function
    def slopes(rows: tf.Tensor) -> tuple[tf.Tensor, ...]:
        with tf.GradientTape() as tape:
            tape.watch(rows)
            made = layer(rows)
            loss = tf.reduce_sum(tf.cast(made, tf.float32) ** 3)
        return made, tape.gradient(loss, rows)

    one, both = slopes(pictures[:1]), slopes(pictures)
    kinds = [
        operation.type for operation in slopes.get_concrete_function(pictures[:1]).graph.get_operations()
    ]
    assert "FusedBatchNormV3" in kinds
    for alone, among in zip(one, both, strict=True):
        one, other = np.float64(alone[0]), np.float64(among[0])
        assert np.abs(one - other).max() <= rounding * np.abs(other).max()


def test_no_row_depends_on_another() -> None:
    layer = InstanceNormalization()
    pictures = tf.random.stateless_normal([3, 6, 6, 2], [0, 3])
    assert np.abs(layer(pictures)[1:2] - layer(pictures[1:2])).max() < 1e-6


def test_statistics_are_float32_where_features_are_not() -> None:
    with layer_precision("bfloat16"):
        layer = InstanceNormalization()
        made = layer(tf.cast(256 + tf.random.stateless_normal([1, 32, 32, 2], [0, 4]), tf.bfloat16))
    assert made.dtype == tf.bfloat16
    assert layer.scale.dtype == "float32"
    assert np.abs(tf.cast(made, tf.float32).numpy().mean()) < 0.01
