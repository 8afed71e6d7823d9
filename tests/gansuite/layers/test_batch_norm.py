"""Batch normalisation in one operation, and over devices with one message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.layers.batch_norm import BatchNormalization
from gansuite.precision import layer_precision
from gansuite.settings import Training
from gansuite.training.crew import Crew
from gansuite.training.strategy import make_strategy


def pictures() -> tf.Tensor:
    return 2 + 3 * tf.random.stateless_normal([6, 5, 4, 3], [0, 1])


def vectors() -> tf.Tensor:
    return tf.reshape(pictures(), [-1, 3])


def learned(layer: keras.Layer, inputs: tf.Tensor) -> dict[str, Any]:
    """What a layer makes, its slopes, a penalty's slopes, and the statistics it keeps."""

    @tf.function
    def compute() -> dict[str, Any]:
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(inputs)
                made = layer(inputs, training=True)
                loss = tf.reduce_mean(tf.cast(made, tf.float32) ** 3)
            [slope, *of_weights] = inner.gradient(loss, [inputs, *layer.trainable_weights])
            penalty = tf.reduce_sum(tf.square(slope))
        bent = outer.gradient(penalty, layer.trainable_weights)
        return {"made": made, "slopes": [slope, *of_weights], "of_penalty": bent}

    layer.build(inputs.shape)
    layer.gamma.assign([0.5, 1.0, 2.0])
    layer.beta.assign([1.0, 0.0, -1.0])
    found = compute()
    return {**found, "kept": [layer.moving_mean.value, layer.moving_variance.value]}


@pytest.mark.parametrize("inputs", [pictures, vectors])
@pytest.mark.parametrize(
    ("precision", "rounding"), [("float32", 1e-5), ("bfloat16", 2e-2), ("float64", 1e-12)]
)
def test_it_is_the_one_of_keras(precision: Any, rounding: float, inputs: Callable[[], tf.Tensor]) -> None:
    with layer_precision(precision):
        given = tf.cast(inputs(), tf.float64) if precision == "float64" else inputs()
        ours = learned(BatchNormalization(momentum=0.9), given)
        theirs = learned(keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5), given)
    assert ours["made"].dtype == theirs["made"].dtype
    for one, other in zip(tf.nest.flatten(ours), tf.nest.flatten(theirs), strict=True):
        one, other = np.float64(one), np.float64(other)
        assert np.abs(one - other).max() <= rounding * max(np.abs(other).max(), 1.0)


def operations(precision: Any, shape: tuple[int | None, ...], training: bool) -> set[str]:
    with layer_precision(precision):
        layer = BatchNormalization()
        function = tf.function(lambda inputs: layer(inputs, training=training))
        graph = function.get_concrete_function(tf.TensorSpec(shape, keras.config.floatx())).graph
    return {one.type for one in graph.get_operations()}


@pytest.mark.parametrize(
    ("precision", "shape", "training", "fused"),
    [
        ("float32", (4, 8, 8, 3), True, True),
        ("bfloat16", (None, 8, 8, 3), True, True),
        ("float64", (4, 8, 8, 3), True, False),
        ("float32", (None, 8), True, True),
        ("float32", (4, 8, 8), True, False),
        ("float32", (4, 8, 8, 3), False, False),
    ],
)
def test_pictures_and_vectors_are_normalised_in_one_operation(
    precision: Any, shape: tuple[int | None, ...], training: bool, fused: bool
) -> None:
    assert ("FusedBatchNormV3" in operations(precision, shape, training)) == fused


def test_a_layer_that_does_not_learn_keeps_what_it_knows() -> None:
    layer = BatchNormalization()
    layer(pictures(), training=True)
    before = layer.moving_mean.numpy()
    layer.trainable = False
    layer(pictures() + 5, training=True)
    assert (layer.moving_mean.numpy() == before).all()


def test_devices_share_their_statistics(two_devices: list[str]) -> None:
    def kept(strategy: tf.distribute.Strategy, make: Callable[[Any], tf.Tensor]) -> list[np.ndarray]:
        with strategy.scope():
            layer = BatchNormalization(momentum=0.5)
            layer.build([None, 5, 4, 3])
        made = tf.function(lambda: strategy.run(lambda: layer(make(pictures()), training=True)))()
        rows = tf.concat(strategy.experimental_local_results(made), axis=0)
        return [rows.numpy(), layer.moving_mean.numpy(), layer.moving_variance.numpy()]

    def half(rows: tf.Tensor) -> tf.Tensor:
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        return tf.reshape(rows, [2, 3, 5, 4, 3])[replica]

    whole, halves = (
        kept(make_strategy(Training(steps=1, strategy=kind), Crew()), make)
        for kind, make in (("one", lambda rows: rows), ("mirrored", half))
    )
    for one, other in zip(whole, halves, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_devices_tell_each_other_once(two_devices: list[str]) -> None:
    strategy = make_strategy(Training(steps=1, strategy="mirrored"), Crew())
    with strategy.scope():
        layer = BatchNormalization()
        layer.build([None, 3])

    def slopes() -> tf.Tensor:
        inputs = vectors()
        return tf.gradients(tf.reduce_mean(layer(inputs, training=True) ** 3), inputs)[0]

    graph = tf.function(lambda: strategy.run(slopes)).get_concrete_function().graph
    told = [one for one in graph.get_operations() if one.type.startswith("CollectiveReduce")]
    # On the way there and on the way back, by each device.
    assert len(told) == 2 * len(two_devices)
