"""Pictures enlarged by a network: channels laid out as pixels."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class PixelShuffle(keras.layers.Layer):
    """Lays channels out as pixels: (batch, h, w, factor² · c) to (batch, factor · h, factor · w, c).

    Channel (factor · i + j) · c + k becomes channel k of the pixel in row i and column j.

    Args:
        factor: how many times higher and wider.

    Source: Shi et al. 2016, arXiv:1609.05158, eq. 4.
    """

    def __init__(self, factor: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return tf.nn.depth_to_space(inputs, self.factor)

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, height, width, channels = input_shape
        sides = [None if side is None else side * self.factor for side in (height, width)]
        return (batch, *sides, channels // self.factor**2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


class ICNR(keras.initializers.Initializer):
    """Weights of a convolution before a `PixelShuffle` that begin as an enlargement by nearest neighbours.

    All pixels that come from one place begin alike, so that no checkerboard has to be unlearned.

    Args:
        factor: of the shuffle.
        initializer: of the weights of one of those pixels.

    Source: Aitken et al. 2017, arXiv:1707.02937, section 2.
    """

    def __init__(self, factor: int, initializer: keras.initializers.Initializer) -> None:
        self.factor = factor
        self.initializer = keras.initializers.get(initializer)

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        *kernel, channels = shape
        one = self.initializer((*kernel, channels // self.factor**2), dtype=dtype)
        return tf.tile(one, [1] * len(kernel) + [self.factor**2])

    def get_config(self) -> dict[str, Any]:
        return {
            "factor": self.factor,
            "initializer": keras.initializers.serialize(self.initializer),
        }
