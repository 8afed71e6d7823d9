"""Minibatch standard deviation: lets a discriminator see whether a batch is too much alike."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from gansuite.precision import in_full


class MinibatchDeviation(keras.layers.Layer):
    """Adds a channel that says how much the rows of a group differ.

    (batch, ..., channels) to (batch, ..., channels + 1): pictures or features. A group is so many
    neighbouring rows: where those of a replica divide by it, the number of devices changes nothing. A batch
    that does not divide, as when one row is judged, is one group.

    Args:
        group: rows that are compared.

    Source: Karras et al. 2018, arXiv:1710.10196, section 3; the group from their code.
    """

    def __init__(self, group: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.group = group

    def call(self, inputs: Any) -> Any:
        rows = tf.shape(inputs)[0]
        size = tf.where(rows % self.group == 0, self.group, rows)
        features = in_full(inputs)
        groups = tf.reshape(features, tf.concat([[-1, size], tf.shape(inputs)[1:]], axis=0))
        centred = groups - tf.reduce_mean(groups, axis=1, keepdims=True)
        deviations = tf.sqrt(tf.reduce_mean(tf.square(centred), axis=1) + 1e-8)
        rank = inputs.shape.rank
        of_group = tf.reduce_mean(deviations, axis=list(range(1, rank)))
        of_row = tf.reshape(tf.repeat(of_group, size), [-1, *[1] * (rank - 1)])
        shown = tf.broadcast_to(of_row, tf.concat([tf.shape(inputs)[:-1], [1]], axis=0))
        return tf.concat([inputs, tf.cast(shown, inputs.dtype)], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], input_shape[-1] + 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "group": self.group}
