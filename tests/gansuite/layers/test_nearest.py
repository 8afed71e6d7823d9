"""Features that are repeated, beside Keras's."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.layers.nearest import Nearest


@pytest.mark.parametrize(
    ("ours", "theirs", "shape"),
    [
        (Nearest([2, 2]), keras.layers.UpSampling2D(), (2, 3, 5, 4)),
        (Nearest([1, 3]), keras.layers.UpSampling2D((1, 3)), (2, 3, 5, 4)),
        (Nearest([3]), keras.layers.UpSampling1D(3), (2, 7, 4)),
    ],
)
def test_it_repeats_as_keras_does(ours: keras.Layer, theirs: keras.Layer, shape: tuple[int, ...]) -> None:
    features = tf.random.stateless_normal(shape, [0, 1])
    found = []
    for layer in (ours, theirs):
        with tf.GradientTape() as tape:
            tape.watch(features)
            made = layer(features)
            loss = tf.reduce_sum(made * tf.reshape(tf.range(float(tf.size(made))), made.shape))
        found.append((made.numpy(), tape.gradient(loss, features).numpy()))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_the_batch_may_be_of_any_size() -> None:
    features = keras.Input([4, 4, 3])
    network = keras.Model(features, Nearest([2, 2])(features))
    assert network.output_shape == (None, 8, 8, 3)
    assert network(tf.zeros([5, 4, 4, 3])).shape == (5, 8, 8, 3)
