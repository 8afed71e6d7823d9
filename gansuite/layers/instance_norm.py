"""Normalisation of each channel of each picture by itself."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from gansuite.precision import full, in_full

# As published code has it; a channel whose values hardly differ is left nearly as it is.
_EPSILON = 1e-5


class InstanceNormalization(keras.layers.Layer):
    """Brings every channel of every picture to mean 0 and variance 1, then to a learned scale and centre.

    (batch, height, width, channels) to the same, statistics in float32. No row depends on another, and there
    are no running averages: training and use are the same, on any number of devices. What is published with
    batch normalisation at batch size 1 is this.

    Args:
        deviation: the scales begin as N(1, deviation²), the centres as 0.

    Source: Ulyanov et al. 2016, arXiv:1607.08022, eq. 3.
    """

    def __init__(self, deviation: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.deviation = deviation

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(
            shape=(input_shape[-1],),
            initializer=keras.initializers.RandomNormal(1.0, self.deviation),
            dtype=full(),
            autocast=False,
            name="scale",
        )
        self.centre = self.add_weight(
            shape=(input_shape[-1],), initializer="zeros", dtype=full(), autocast=False, name="centre"
        )

    def call(self, inputs: Any) -> Any:
        if inputs.shape[0] == 1 and inputs.dtype in (tf.float32, tf.bfloat16):
            # One picture is a batch, for which TensorFlow has one operation instead of ten.
            return tf.raw_ops.FusedBatchNormV3(
                x=inputs, scale=self.scale.value, offset=self.centre.value, mean=[], variance=[],
                epsilon=_EPSILON, is_training=True,
            ).y  # fmt: skip
        features = in_full(inputs)
        mean, variance = tf.nn.moments(features, axes=[1, 2], keepdims=True)
        factor = tf.math.rsqrt(variance + _EPSILON) * self.scale
        return tf.cast((features - mean) * factor + self.centre, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "deviation": self.deviation}
