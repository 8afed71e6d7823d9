"""Wasserstein losses for a critic and its generator."""

from __future__ import annotations

import tensorflow as tf


def critic_wasserstein(real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Push the critic's scores of real and fake examples apart.

    Args:
        real, fake: scores, float32 (batch,).

    Returns:
        Scalar float32, mean of fake minus mean of real scores: minus the estimate of the distance.

    Source: Arjovsky et al. 2017, arXiv:1701.07875, eq. 2 and algorithm 1.
    """
    return tf.reduce_mean(fake) - tf.reduce_mean(real)


def generator_wasserstein(fake: tf.Tensor) -> tf.Tensor:
    """Raise the critic's scores of fake examples.

    Args:
        fake: scores, float32 (batch,).

    Returns:
        Scalar float32, minus their mean.

    Source: Arjovsky et al. 2017, arXiv:1701.07875, algorithm 1.
    """
    return -tf.reduce_mean(fake)
