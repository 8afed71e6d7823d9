"""What stands between two layers where a corner would let rounding decide."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf

from gansuite.precision import in_full


class Bend(keras.layers.Layer):
    """A ReLU, or LeakyReLU, with a round corner: any shape to the same.

    A gradient penalty makes the slope of a network part of its loss, and two translators that undo each other
    multiply theirs. Where a slope jumps, as a LeakyReLU's does, rounding decides now and then which side
    counts, that grows from step to step, and two devices soon part from one.

    Args:
        slope: far below 0; it is 1 far above, and 0 is kept.
        sharpness: how fast the slope changes around 0. A much larger one is a LeakyReLU with its faults;
            with a much smaller one a network is nearly linear at first, and learns more slowly.
    """

    def __init__(self, slope: float = 0.2, sharpness: float = 16.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.slope = slope
        self.sharpness = sharpness

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        # Whoever loads what was exported would be warned of gradients that are not there.
        bent = _bent if training else _bend
        return bent(inputs, self.slope, self.sharpness)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "slope": self.slope, "sharpness": self.sharpness}


def _bend(values: tf.Tensor, slope: float, sharpness: float) -> tf.Tensor:
    # In bfloat16, TensorFlow's softplus and sigmoid take twice the time that they take in float32.
    exact = in_full(values)
    share = (1.0 - slope) / sharpness
    result = share * tf.math.softplus(sharpness * exact) - share * math.log(2.0)
    return tf.cast(result + slope * exact if slope else result, values.dtype)


def _bent(values: tf.Tensor, slope: float, sharpness: float) -> tf.Tensor:
    """Bend a tensor. Its slope is written down: with a gradient penalty, that is half of the operations."""

    @tf.custom_gradient
    def bent(values: tf.Tensor) -> Any:
        def back(upstream: tf.Tensor) -> tf.Tensor:
            rising = (1.0 - slope) * tf.sigmoid(sharpness * in_full(values))
            return upstream * tf.cast(rising + slope if slope else rising, upstream.dtype)

        return _bend(values, slope, sharpness), back

    return bent(values)
