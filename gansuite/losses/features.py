"""Losses that compare what a network sees in two batches."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from gansuite.deterministic import total
from gansuite.precision import in_full


def feature_matching(real: Sequence[tf.Tensor], fake: Sequence[tf.Tensor]) -> tf.Tensor:
    """Compare the mean features of two batches: Σ over layers of the mean squared difference.

    Args:
        real, fake: a layer's features each, float (batch, ...); no gradient goes through those of `real`.

    Returns:
        Scalar float32, at least 0; the means are over the batches of all replicas.

    Source: Salimans et al. 2016, arXiv:1606.03498, section 3.1.
    """
    distances = [
        tf.reduce_mean(tf.square(_mean(tf.stop_gradient(a)) - _mean(b)))
        for a, b in zip(real, fake, strict=True)
    ]
    return total(distances)


def _mean(features: tf.Tensor) -> tf.Tensor:
    local = tf.reduce_mean(in_full(features), axis=0)
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return local
    # The square of a mean is no mean of squares: every replica needs the mean of the whole batch.
    return replica.all_reduce(tf.distribute.ReduceOp.MEAN, local)
