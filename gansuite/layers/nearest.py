"""Features enlarged by repeating them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


class Nearest(keras.layers.Layer):
    """Repeats features along each axis between the batch and the channels: what `UpSampling2D` does.

    (batch, h, w, channels) to (batch, times[0] · h, times[1] · w, channels), with as many axes as `times`;
    their lengths are known; of any type, which stays. Keras puts it together from dozens of operations, which
    take long to compile.

    Args:
        times: how often along each axis.
    """

    def __init__(self, times: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.times = tuple(times)

    def call(self, inputs: Any) -> Any:
        """Repeat along one axis after the other, the last one first."""
        for axis, times in reversed([*enumerate(self.times, start=1)]):
            shape = [-1, *inputs.shape[1:]]
            shape[axis] *= times
            inputs = tf.reshape(tf.stack(times * [inputs], axis=axis + 1), shape)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        rows, *sides, channels = input_shape
        return (rows, *(side * times for side, times in zip(sides, self.times, strict=True)), channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "times": self.times}
