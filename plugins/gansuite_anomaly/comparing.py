"""How two pictures are compared: pixel by pixel, and by what a discriminator sees in them."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from gansuite.game import Networks
from gansuite.precision import in_full
from gansuite_anomaly.folding import frozen

#: From pictures float32 (batch, size, size, channels) in [-1, 1] to features float32 (batch, n).
Look = Callable[[tf.Tensor], tf.Tensor]


def looking(networks: Networks) -> Look:
    """Return what the discriminator sees: the output of its layer `features`, each picture on its own."""
    features = frozen(networks["discriminator"], "features")

    def look(pictures: tf.Tensor) -> tf.Tensor:
        return in_full(features(pictures))

    return look


def absolute(one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """Sum the absolute differences of each example: float32 (batch,)."""
    return tf.reduce_sum(tf.abs(one - other), axis=list(range(1, one.shape.rank)))


def squared(one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """Average the squared differences of each example: float32 (batch,)."""
    return tf.reduce_mean(tf.square(one - other), axis=list(range(1, one.shape.rank)))


def residual_map(pictures: tf.Tensor, made: tf.Tensor) -> tf.Tensor:
    """Return how far each pixel is from what was made, in [0, 1]: float32 (batch, height, width).

    Args:
        pictures, made: float32 (batch, height, width, channels) in [0, 1].
    """
    return tf.reduce_mean(tf.abs(pictures - made), axis=-1)
