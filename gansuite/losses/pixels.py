"""Losses that compare an example with the one it should be, number by number."""

from __future__ import annotations

import tensorflow as tf


def l1(predicted: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """Mean absolute difference of two tensors of one shape: scalar."""
    return tf.reduce_mean(tf.abs(predicted - target))


def l2(predicted: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """Mean squared difference of two tensors of one shape: scalar."""
    return tf.reduce_mean(tf.square(predicted - target))


def smooth_l1(predicted: tf.Tensor, target: tf.Tensor, beta: float = 1.0) -> tf.Tensor:
    """Mean of d²/2β where the difference d is below β, and of `|d| - β/2` where it is not: scalar.

    Args:
        predicted, target: of one shape.
        beta: where the square ends.

    Source: Girshick 2015, arXiv:1504.08083, eq. 3 (β = 1).
    """
    distance = tf.abs(predicted - target)
    return tf.reduce_mean(
        tf.where(distance < beta, tf.square(distance) / (2.0 * beta), distance - 0.5 * beta)
    )
