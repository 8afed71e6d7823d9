"""What stands between two layers."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf

_SLOPE = 0.2
# How fast the slope changes around 0. A much larger one is a LeakyReLU with its faults; with a much smaller
# one the network is nearly linear at first, and learns more slowly.
_SHARPNESS = 16.0


class Bend(keras.layers.Layer):
    """A LeakyReLU of slope 0.2 with a round corner: any shape to the same.

    A gradient penalty makes the slope of a network part of its loss. Where that slope jumps, as a
    LeakyReLU's does, rounding decides what is learned, and two devices soon part from one.
    """

    def call(self, inputs: Any) -> Any:
        positive = (tf.math.softplus(_SHARPNESS * inputs) - math.log(2.0)) / _SHARPNESS
        return _SLOPE * inputs + (1.0 - _SLOPE) * positive
