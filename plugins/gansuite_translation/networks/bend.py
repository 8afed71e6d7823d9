"""What stands between two layers."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

# Half the width of the round part. Features here are normalised: a few in a hundred lie in it.
_CORNER = 0.1


class Bend(keras.layers.Layer):
    """A ReLU, or LeakyReLU, with a round corner: any shape to the same.

    From -0.1 to 0.1 its slope rises evenly from `slope` to 1. At a sharp corner, rounding decides now and
    then which slope counts; two translators that undo each other make that grow, and two devices part from
    one.

    Args:
        slope: of the negative side; 0 for a ReLU.
    """

    def __init__(self, slope: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.slope = slope

    def call(self, inputs: Any) -> Any:
        corner = tf.clip_by_value(inputs, -_CORNER, _CORNER)
        positive = tf.square(corner + _CORNER) / (4 * _CORNER) + tf.nn.relu(inputs - _CORNER)
        return positive if not self.slope else self.slope * inputs + (1.0 - self.slope) * positive

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "slope": self.slope}
