"""The losses of the first GANs, on a discriminator's logits.

σ is the logistic function, D's answer is σ(logit): the probability that an example is real.
"""

from __future__ import annotations

import tensorflow as tf


def discriminator_real(logits: tf.Tensor) -> tf.Tensor:
    """Recognise real examples: mean of −log σ(logit).

    Args:
        logits: of real examples, float32 (batch,).

    Returns:
        Scalar float32, at least 0; log 2 for a discriminator that guesses.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, eq. 1, first term.
    """
    return tf.reduce_mean(tf.nn.softplus(-logits))


def discriminator_fake(logits: tf.Tensor) -> tf.Tensor:
    """Recognise fake examples: mean of −log(1 − σ(logit)).

    Args:
        logits: of fake examples, float32 (batch,).

    Returns:
        Scalar float32, at least 0; log 2 for a discriminator that guesses.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, eq. 1, second term.
    """
    return tf.reduce_mean(tf.nn.softplus(logits))


def minimax(logits: tf.Tensor) -> tf.Tensor:
    """Make fake examples less recognisable: mean of log(1 − σ(logit)), the other side of the same game.

    Its slope vanishes while the discriminator is sure of itself; see `non_saturating`.

    Args:
        logits: of fake examples, float32 (batch,).

    Returns:
        Scalar float32, at most 0.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, eq. 1 and algorithm 1.
    """
    return -tf.reduce_mean(tf.nn.softplus(logits))


def non_saturating(logits: tf.Tensor) -> tf.Tensor:
    """Make fake examples look real: mean of −log σ(logit).

    Args:
        logits: of fake examples, float32 (batch,).

    Returns:
        Scalar float32, at least 0.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, section 3.
    """
    return tf.reduce_mean(tf.nn.softplus(-logits))
