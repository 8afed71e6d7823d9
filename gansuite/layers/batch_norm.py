"""Batch normalisation whose statistics are those of the whole batch, on any number of devices."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class BatchNormalization(keras.layers.BatchNormalization):
    """Keras's, the same to rounding, with statistics of all devices' rows and fused where one device trains.

    Keras puts it together from some ten operations, each of which goes over all features; TensorFlow has one.
    That one knows the rows of its own device only, and no float64. Several devices tell each other means and
    variances in one message, where Keras sends three and takes the difference of two large numbers.

    (batch, height, width, channels), or what else Keras's own takes, in float32, bfloat16 or float64, to the
    same; statistics are at least float32, and every device has to have as many rows. Pictures and vectors in
    float32 or bfloat16 are normalised in one operation where one device trains them.

    Args:
        momentum: share of the running statistics that a step keeps.
        epsilon: added to the variance; that of the networks' published code. Keras's 0.001 is as large as the
            variances of a discriminator whose kernels begin as N(0, 0.02), and hundreds of times those of a
            critic whose weights are clipped.

    Source: Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1.
    """

    def __init__(self, *, momentum: float = 0.99, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**{"momentum": momentum, "epsilon": epsilon, "synchronized": True, **kwargs})

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise; in training by the batch itself, which moves the running statistics."""
        if not (training and self.trainable and mask is None and self._is_fused(inputs)):
            return super().call(inputs, training=training, mask=mask)
        made, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs if len(inputs.shape) == 4 else inputs[:, None, None, :],
            scale=self.gamma.value,
            offset=self.beta.value,
            mean=[],
            variance=[],
            epsilon=self.epsilon,
            is_training=True,
        )
        # It estimates the variance of what the batch was drawn from; Keras keeps that of the batch.
        places = tf.cast(tf.size(inputs) // inputs.shape[-1], variance.dtype)
        self._keep(self.moving_mean, mean)
        self._keep(self.moving_variance, variance * ((places - 1.0) / places))
        return made if len(inputs.shape) == 4 else made[:, 0, 0, :]

    def _is_fused(self, inputs: Any) -> bool:
        rank = len(inputs.shape)
        is_plain = self.scale and self.center and not self.renorm and self.axis in (-1, rank - 1)
        is_known = rank in (2, 4) and inputs.dtype in (tf.float32, tf.bfloat16)
        exact = self.variable_dtype == "float32" and inputs.dtype == self.compute_dtype
        return is_plain and is_known and exact and _replicas() == 1

    def _moments(self, inputs: Any, mask: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the mean and the variance of all devices' rows; Keras asks for them."""
        replica = tf.distribute.get_replica_context()
        if mask is not None or replica is None or not self.synchronized:
            of_keras: tuple[tf.Tensor, tf.Tensor] = super()._moments(inputs, mask)
            return of_keras
        axes, count = self._reduction_axes, _replicas()
        mean = tf.reduce_mean(inputs, axes, keepdims=True)
        variance = tf.reduce_mean(tf.square(inputs - mean), axes)
        mean = tf.squeeze(mean, axes)
        if count == 1:
            return mean, variance
        # Each device adds its own row to a table of zeros.
        row = tf.one_hot(replica.replica_id_in_sync_group, count, dtype=mean.dtype)[:, None, None]
        told = replica.all_reduce(tf.distribute.ReduceOp.SUM, row * tf.stack([mean, variance]))
        means, variances = tf.unstack(told, axis=1)
        mean = tf.reduce_mean(means, 0)
        return mean, tf.reduce_mean(variances + tf.square(means - mean), 0)

    def _keep(self, running: Any, latest: tf.Tensor) -> None:
        running.assign(running * self.momentum + latest * (1.0 - self.momentum))


def _replicas() -> int:
    return int(tf.distribute.get_strategy().num_replicas_in_sync)
