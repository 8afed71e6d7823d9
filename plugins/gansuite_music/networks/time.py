"""Convolutions over time as products of matrices.

TensorFlow's convolutions spend most of a critic's step on a CPU in their gradients with respect to the input.
The same sums as one matrix product for all places, whose parts are shifted and added, take a fraction of it.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class Convolution(keras.layers.Layer):
    """Convolution over three neighbouring places: (batch, places, features) to (batch, places, channels).

    Args:
        channels: features that come out.
    """

    def __init__(self, channels: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.channels = channels

    def build(self, input_shape: Any) -> None:
        start = _fan_in(3 * input_shape[-1])
        self.kernel = self.add_weight(
            shape=(input_shape[-1], 3 * self.channels), initializer=start, name="kernel"
        )
        self.bias = self.add_weight(shape=(self.channels,), initializer="zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        before, here, after = tf.split(_product(inputs, self.kernel), 3, axis=-1)
        return moved(before, 1) + here + moved(after, -1) + self.bias


class Halving(keras.layers.Layer):
    """Convolution over four places, two further each time.

    (batch, places, features) to (batch, places / 2, channels); a place is added where their number is odd.

    Args:
        channels: features that come out.
    """

    def __init__(self, channels: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.channels = channels

    def build(self, input_shape: Any) -> None:
        start = _fan_in(4 * input_shape[-1])
        self.pairs = -(-input_shape[1] // 2)
        self.missing = 2 * self.pairs - input_shape[1]
        self.kernel = self.add_weight(
            shape=(2 * input_shape[-1], 2 * self.channels), initializer=start, name="kernel"
        )
        self.bias = self.add_weight(shape=(self.channels,), initializer="zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        if self.missing:
            inputs = tf.pad(inputs, [[0, 0], [0, self.missing], [0, 0]])
        pairs = tf.reshape(inputs, [-1, self.pairs, 2 * inputs.shape[-1]])
        here, after = tf.split(_product(pairs, self.kernel), 2, axis=-1)
        return here + moved(after, -1) + self.bias


def moved(features: tf.Tensor, places: int) -> tf.Tensor:
    """Move features some places later, or earlier where negative; zeros come in.

    (batch, places, ...) to the same.
    """
    others = [[0, 0]] * (features.shape.rank - 2)
    length = features.shape[1] - abs(places)
    start = [0, max(-places, 0)] + [0] * (features.shape.rank - 2)
    # The gradient of a slice is a pad and the reverse; that of `features[:, 1:]` is far slower.
    kept = tf.slice(features, start, [-1, length] + [-1] * (features.shape.rank - 2))
    return tf.pad(kept, [[0, 0], [max(places, 0), max(-places, 0)], *others])


def _product(features: tf.Tensor, kernel: Any) -> tf.Tensor:
    # One product of two matrices: that of a batch of matrices with a matrix is computed one by one.
    places, size = features.shape[1:]
    flat = tf.matmul(tf.reshape(features, [-1, size]), kernel)
    return tf.reshape(flat, [-1, places, flat.shape[-1]])


def _fan_in(size: int) -> keras.initializers.Initializer:
    return keras.initializers.RandomUniform(-(size**-0.5), size**-0.5)
