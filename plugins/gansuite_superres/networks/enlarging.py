"""Bicubic enlargement inside a network."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gansuite.data.images.bicubic import REACH, phases
from gansuite.precision import full


class Bicubic(keras.layers.Layer):
    """Enlarges pictures as `gansuite.data.images.bicubic.enlarge` does, without rounding; learns nothing.

    (batch, h, w, 3) to (batch, times · h, times · w, 3), of any sizes from 1 on.

    Args:
        times: how many times higher and wider.
    """

    def __init__(self, times: int, **kwargs: Any) -> None:
        # A picture's own pixels must not be rounded to the precision of the layers.
        super().__init__(**{"dtype": full(), **kwargs})
        self.times = times
        self._kernel = _kernel(times)

    def call(self, inputs: Any) -> Any:
        for axis in (1, 2):
            length = tf.shape(inputs)[axis]
            around = tf.clip_by_value(tf.range(-REACH, length + REACH), 0, length - 1)
            inputs = tf.gather(inputs, around, axis=axis)
        made = tf.nn.conv2d(inputs, tf.constant(self._kernel, inputs.dtype), strides=1, padding="VALID")
        return tf.nn.depth_to_space(made, self.times)

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, height, width, channels = input_shape
        sides = [None if side is None else side * self.times for side in (height, width)]
        return (batch, *sides, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "times": self.times}


def _kernel(times: int) -> np.ndarray:
    """One convolution makes every pixel that stands in the place of one: (5, 5, 3, times² · 3)."""
    along = phases(times)
    both = np.einsum("iy,jx->yxij", along, along)
    kernel = np.einsum("yxij,ck->yxcijk", both, np.eye(3))
    return np.asarray(kernel.reshape(*both.shape[:2], 3, -1), np.float32)
