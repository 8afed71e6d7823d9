"""Convolutions to few channels, beside Keras's."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.layers.blocks import BlockConv2D


def strides(layer: keras.Layer, shape: tuple[int | None, ...]) -> list[int]:
    """Those of the convolutions that a layer is made of."""
    function = tf.function(layer).get_concrete_function(tf.TensorSpec(shape))
    nodes = [one for one in function.graph.get_operations() if one.type == "Conv2D"]
    return [one.get_attr("strides")[1] for one in nodes]


@pytest.mark.parametrize(
    ("shape", "options", "fast"),
    [
        ((2, 6, 8, 5), {"kernel_size": 9, "padding": "same"}, True),
        ((2, 6, 8, 5), {"kernel_size": (1, 5), "padding": "same", "use_bias": False}, True),
        ((2, 10, 12, 5), {"kernel_size": 7, "padding": "valid", "activation": "tanh"}, True),
        ((2, 9, 9, 5), {"kernel_size": 4, "padding": "valid"}, True),
        ((2, 6, 8, 5), {"kernel_size": 4, "padding": "same"}, False),
        ((2, 7, 8, 5), {"kernel_size": 3, "padding": "same"}, False),
        ((2, 6, 8, 5), {"kernel_size": 3, "padding": "same", "strides": 2}, False),
        ((2, 6, 8, 5), {"kernel_size": 3, "padding": "same", "filters": 5}, False),
    ],
)
def test_it_is_the_one_of_keras(shape: tuple[int, ...], options: dict[str, Any], fast: bool) -> None:
    options = {"filters": 3, "bias_initializer": "ones", **options}
    features = tf.random.stateless_normal(shape, [0, 1])
    found = []
    layers = [BlockConv2D(**options), keras.layers.Conv2D(**options)]
    for layer in layers:
        layer.build(shape)
        layer.set_weights(layers[0].get_weights())
        with tf.GradientTape() as tape:
            tape.watch(features)
            made = layer(features)
            loss = tf.reduce_sum(tf.sin(made))
        found.append([made, *tape.gradient(loss, [features, *layer.trainable_weights])])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
    assert (strides(layers[0], shape) != strides(layers[1], shape)) == fast


def test_pictures_may_be_of_any_size() -> None:
    layer = BlockConv2D(3, 9, padding="same")
    layer.build([None, None, None, 4])
    assert strides(layer, (None, None, None, 4)) == [1]
    assert strides(layer, (None, 8, 8, 4)) == [2]
    assert layer(tf.zeros([1, 5, 7, 4])).shape == (1, 5, 7, 3)
