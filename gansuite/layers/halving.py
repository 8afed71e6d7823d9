"""Convolutions 4 × 4 that halve or double the size, fast where hardly any places are left.

There a convolution is a product of a small matrix, the places, with a large one, its kernel. The kernels of
oneDNN lay the large one out anew each time, and once more for its gradient, which takes longer than the
product. Written as a product it is used as it lies.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf

#: Places, over the batch, up to which the product was the faster one on two cores without a GPU.
_MOST_TO_HALVE = 16
_MOST_TO_DOUBLE = 64
#: Weights of a kernel from which on laying it out matters.
_LARGE = 1 << 20
_FORM = ((4, 4), (2, 2), "same", (1, 1), "channels_last")


class HalvingConv2D(keras.layers.Conv2D):
    """Keras's Conv2D, the same to rounding: (batch, 2 · h, 2 · w, channels) to (batch, h, w, filters)."""

    def call(self, inputs: Any) -> Any:
        """Convolve, as a product of matrices where that is faster."""
        if not _is_product(self, inputs, 4 * _MOST_TO_HALVE) or inputs.shape[1] % 2 or inputs.shape[2] % 2:
            return super().call(inputs)
        rows, height, width, channels = inputs.shape
        seen = tf.reshape(_windows(inputs), [rows * height * width // 4, 16 * channels])
        made = seen @ tf.reshape(self.kernel, [16 * channels, self.filters])
        return _finished(self, tf.reshape(made, [rows, height // 2, width // 2, self.filters]))


class DoublingConv2D(keras.layers.Conv2DTranspose):
    """Keras's Conv2DTranspose, the same to rounding: (batch, h, w, channels) to (batch, 2 · h, 2 · w, …)."""

    def call(self, inputs: Any) -> Any:
        """Convolve, as a product of matrices where that is faster."""
        if not _is_product(self, inputs, _MOST_TO_DOUBLE):
            return super().call(inputs)
        rows, height, width, channels = inputs.shape
        places = tf.reshape(inputs, [rows * height * width, channels])
        kernel = tf.reshape(self.kernel, [16 * self.filters, channels])
        made = tf.matmul(places, kernel, transpose_b=True)
        return _finished(self, _overlaid(tf.reshape(made, [rows, height, width, 4, 4, self.filters])))


def _is_product(layer: Any, inputs: tf.Tensor, most: int) -> bool:
    """Whether a layer has the one form that is known here, a large kernel, and so few places, at most."""
    form = (layer.kernel_size, layer.strides, layer.padding, layer.dilation_rate, layer.data_format)
    is_known = form == _FORM and getattr(layer, "groups", 1) == 1 and None not in inputs.shape
    is_fast = is_known and math.prod(inputs.shape[:-1]) <= most and math.prod(layer.kernel.shape) >= _LARGE
    return is_fast and not tf.config.list_physical_devices("GPU")


def _finished(layer: Any, made: tf.Tensor) -> tf.Tensor:
    made = tf.nn.bias_add(made, layer.bias) if layer.use_bias else made
    return layer.activation(made)


def _windows(pictures: tf.Tensor) -> tf.Tensor:
    """Return what each place of the result sees: (batch, h, w, 4, 4, …) of (batch, 2 · h, 2 · w, …)."""
    rows, height, width, channels = pictures.shape
    framed = tf.pad(pictures, [[0, 0], [1, 1], [1, 1], [0, 0]])
    lines = tf.reshape(framed, [rows, height // 2 + 1, 2, width + 2, channels])
    lines = tf.concat([lines[:, :-1], lines[:, 1:]], axis=2)
    cells = tf.reshape(lines, [rows, height // 2, 4, width // 2 + 1, 2, channels])
    cells = tf.concat([cells[:, :, :, :-1], cells[:, :, :, 1:]], axis=4)
    return tf.transpose(cells, [0, 1, 3, 2, 4, 5])


def _overlaid(windows: tf.Tensor) -> tf.Tensor:
    """Lay windows over each other and add them up: the reverse of `_windows`."""
    rows, height, width, _, _, channels = windows.shape
    cells = tf.transpose(windows, [0, 1, 3, 2, 4, 5])
    cells = _before(cells[..., :2, :], 3) + _behind(cells[..., 2:, :], 3)
    lines = tf.reshape(cells, [rows, height, 4, 2 * width + 2, channels])
    lines = _before(lines[:, :, :2], 1) + _behind(lines[:, :, 2:], 1)
    return tf.reshape(lines, [rows, 2 * height + 2, 2 * width + 2, channels])[:, 1:-1, 1:-1]


def _before(tensor: tf.Tensor, axis: int) -> tf.Tensor:
    return tf.pad(tensor, [[0, int(one == axis)] for one in range(tensor.shape.rank)])


def _behind(tensor: tf.Tensor, axis: int) -> tf.Tensor:
    return tf.pad(tensor, [[int(one == axis), 0] for one in range(tensor.shape.rank)])
