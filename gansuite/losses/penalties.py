"""Penalties on the slope of a critic."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from gansuite.deterministic import value_and_slope
from gansuite.precision import in_full

Critic = Callable[[tf.Tensor], tf.Tensor]

# Where the norm is 0 its own slope is infinite; this moves a norm of 1 by half of it.
_EPSILON = 1e-12


def gradient_penalty(
    critic: Critic, real: tf.Tensor, fake: tf.Tensor, mix: tf.Tensor, *, one_sided: bool = False
) -> tf.Tensor:
    """Penalise a critic whose slope between real and fake examples is not 1.

    Args:
        critic: maps examples (batch, ...) to scores (batch,); no row of its scores may depend on another
            row, so no batch normalisation.
        real, fake: examples (batch, ...), float32, same shape.
        mix: where between them to look, uniform in [0, 1), (batch,).
        one_sided: let slopes below 1 be.

    Returns:
        Scalar float32: mean over the batch of (‖∇ critic‖₂ - 1)², the norm over all axes of one example;
        one-sided of max(0, ‖∇ critic‖₂ - 1)².

    Source: Gulrajani et al. 2017, arXiv:1704.00028, eq. 3 and section 4; Petzka et al. 2018,
    arXiv:1709.08894, eq. 8, for the one-sided form.
    """
    share = tf.reshape(mix, [-1] + [1] * (real.shape.rank - 1))
    excess = tf.sqrt(_squared_slopes(critic, real + share * (fake - real)) + _EPSILON) - 1.0
    return tf.reduce_mean(tf.square(tf.nn.relu(excess) if one_sided else excess))


def r1_penalty(critic: Critic, real: tf.Tensor) -> tf.Tensor:
    """Penalise a discriminator for any slope at real examples.

    Args:
        critic: maps examples (batch, ...) to logits (batch,); no row may depend on another.
        real: examples (batch, ...), float32.

    Returns:
        Scalar float32: mean over the batch of ‖∇ critic‖₂² / 2; to be weighted with γ.

    Source: Mescheder et al. 2018, arXiv:1801.04406, eq. 9.
    """
    return 0.5 * tf.reduce_mean(_squared_slopes(critic, real))


def path_lengths(generator: Critic, latents: tf.Tensor, directions: tf.Tensor) -> tf.Tensor:
    """Measure how far a generator's examples move when its latents do.

    Args:
        generator: maps latents (batch, ...) to examples (batch, height, width, channels).
        latents: float32 (batch, ...).
        directions: standard normal, of the examples' shape.

    Returns:
        float32 (batch,): ‖Jᵀ y‖₂, with y the directions over the root of height · width.

    Source: Karras et al. 2020, arXiv:1912.04958, eq. 4 and appendix B.
    """

    def along(latents: tf.Tensor) -> tf.Tensor:
        examples = in_full(generator(latents))
        places = tf.cast(tf.reduce_prod(tf.shape(examples)[1:-1]), examples.dtype)
        return examples * directions / tf.sqrt(places)

    _, slopes = value_and_slope(along, latents)
    return tf.sqrt(tf.reduce_sum(tf.square(slopes), axis=list(range(1, latents.shape.rank))) + _EPSILON)


def path_length_penalty(lengths: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """Penalise a generator whose path lengths differ from a target.

    Args:
        lengths: of `path_lengths`, float32 (batch,).
        target: scalar, the mean length so far; no gradient goes through it.

    Returns:
        Scalar float32: mean of (length - target)².

    Source: Karras et al. 2020, arXiv:1912.04958, eq. 4.
    """
    return tf.reduce_mean(tf.square(lengths - tf.stop_gradient(target)))


def _squared_slopes(critic: Critic, examples: tf.Tensor) -> tf.Tensor:
    _, slopes = value_and_slope(critic, examples)
    return tf.reduce_sum(tf.square(in_full(slopes)), axis=list(range(1, examples.shape.rank)))
