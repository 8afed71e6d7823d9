"""Penalties on the slope of a critic."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

Critic = Callable[[tf.Tensor], tf.Tensor]

# Where the norm is 0 its own slope is infinite; this moves a norm of 1 by half of it.
_EPSILON = 1e-12


def gradient_penalty(critic: Critic, real: tf.Tensor, fake: tf.Tensor, mix: tf.Tensor) -> tf.Tensor:
    """Penalise a critic whose slope between real and fake examples is not 1.

    Args:
        critic: maps examples (batch, ...) to scores (batch,); no row of its scores may depend on another
            row, so no batch normalisation.
        real, fake: examples (batch, ...), float32, same shape.
        mix: where between them to look, uniform in [0, 1), (batch,).

    Returns:
        Scalar float32: mean over the batch of (‖∇ critic‖₂ - 1)², the norm over all axes of one example.

    Source: Gulrajani et al. 2017, arXiv:1704.00028, eq. 3.
    """
    share = tf.reshape(mix, [-1] + [1] * (real.shape.rank - 1))
    between = real + share * (fake - real)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(between)
        scores = critic(between)
    slopes = tf.cast(tape.gradient(scores, between), tf.float32)
    squares = tf.reduce_sum(tf.square(slopes), axis=list(range(1, real.shape.rank)))
    return tf.reduce_mean(tf.square(tf.sqrt(squares + _EPSILON) - 1.0))
