"""Keras's convolutions, written as products of matrices where oneDNN's kernels are the slower ones.

With many channels and few places left, a convolution is a product of a small matrix, what the places see,
with a large one, its kernel. The kernels of oneDNN lay the large one out anew each time, and once more for
its gradient, which takes longer than the product; in bfloat16 that gradient is slow for more places too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import keras
import tensorflow as tf

#: Places, over the batch, up to which all of a convolution was faster as a product on two cores without a
#: GPU.
_MOST_TO_HALVE = 64
_MOST_TO_DOUBLE = 256
#: Weights of a kernel from which on laying it out matters then.
_LARGE = 1 << 20
#: Dtype and strides -> weights for each place from which on the kernel's gradient alone was.
_DENSE = {("bfloat16", 1): 2048, ("bfloat16", 2): 128, ("float32", 2): 8192}
#: Numbers that all places together may see: as a matrix they are memory.
_MOST_SEEN = 1 << 25
_HALVES = ((4, 4), (2, 2), "same")


class Conv2D(keras.layers.Conv2D):
    """Keras's Conv2D, the same to rounding: (batch, h, w, channels) to (batch, …, …, filters)."""

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Convolve; as a product of matrices, or with the kernel's gradient as one, where that is faster."""
        if _is_known(self, inputs) and not (_halves(self) and _is_odd(inputs)):
            places = math.prod(self.compute_output_shape(inputs.shape)[:-1])
            weights = _weights(self, inputs)
            if _halves(self) and _is_few(places, weights, _MOST_TO_HALVE):
                return finished(self, _narrowed(_PRODUCT, inputs, self.kernel, training))
            if training and _is_dense(self, places, weights, seen=inputs.shape[-1]):
                return finished(self, _narrowed(_by_operations(self), inputs, self.kernel, training))
        return super().call(inputs)


class Conv2DTranspose(keras.layers.Conv2DTranspose):
    """Keras's Conv2DTranspose, the same to rounding: (batch, h, w, channels) to (batch, …, …, filters)."""

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Convolve; as a product of matrices, or with the kernel's gradient as one, where that is faster."""
        if _is_known(self, inputs) and _halves(self) and self.output_padding is None:
            places, weights = math.prod(inputs.shape[:-1]), _weights(self, inputs)
            if _is_few(places, weights, _MOST_TO_DOUBLE):
                return finished(self, _widened(_PRODUCT, inputs, self.kernel, training))
            if training and _is_dense(self, places, weights, seen=self.filters):
                return finished(self, _widened(_by_operations(self), inputs, self.kernel, training))
        return super().call(inputs)


def _is_known(layer: Any, inputs: tf.Tensor) -> bool:
    """Whether a layer can be written here at all, and a CPU is what computes it."""
    is_plain = layer.dilation_rate == (1, 1) and layer.data_format == "channels_last"
    is_known = is_plain and getattr(layer, "groups", 1) == 1 and None not in inputs.shape
    return is_known and not tf.config.list_physical_devices("GPU")


def _halves(layer: Any) -> bool:
    """Whether a layer halves the size, or doubles it, in the one way that is known here."""
    return (layer.kernel_size, layer.strides, layer.padding) == _HALVES


def _is_odd(inputs: tf.Tensor) -> bool:
    return bool(inputs.shape[1] % 2 or inputs.shape[2] % 2)


def _weights(layer: Any, inputs: tf.Tensor) -> int:
    # Of a kernel that is not asked for here: some follow something whenever they are.
    weights: int = math.prod([*layer.kernel_size, inputs.shape[-1], layer.filters])
    return weights


def _is_few(places: int, weights: int, most: int) -> bool:
    return places <= most and weights >= _LARGE


def _is_dense(layer: Any, places: int, weights: int, *, seen: int) -> bool:
    """Whether a kernel is so large, for its places, that its gradient is best a product."""
    step = 2 if _halves(layer) else 1 if layer.strides == (1, 1) else 0
    least = _DENSE.get((layer.compute_dtype, step), math.inf)
    return weights >= least * places and places * math.prod(layer.kernel_size) * seen <= _MOST_SEEN


def finished(layer: Any, made: tf.Tensor) -> tf.Tensor:
    """Add a convolution's bias, where it has one, and apply its activation, as Keras does."""
    made = tf.nn.bias_add(made, layer.bias) if layer.use_bias else made
    return layer.activation(made)


class _Way(NamedTuple):
    """How to convolve.

    Attributes:
        narrow: (batch, h, w, filters) of what is wide and a kernel.
        widen: the reverse, of what is narrow and a kernel. Each is what the other's gradient is computed by.
        seen: (batch, h, w, height, width, channels), what each narrow place sees of what is wide.
    """

    narrow: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    widen: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    seen: Callable[[tf.Tensor], tf.Tensor]


def _narrowed(way: _Way, wide: tf.Tensor, kernel: Any, training: bool | None) -> tf.Tensor:
    def by_kernel(wide: tf.Tensor, upstream: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        return _by_kernel(way.seen(wide), upstream, kernel)

    return _learning(way.narrow, way.widen, by_kernel, wide, kernel, training)


def _widened(way: _Way, narrow: tf.Tensor, kernel: Any, training: bool | None) -> tf.Tensor:
    def by_kernel(narrow: tf.Tensor, upstream: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        return _by_kernel(way.seen(upstream), narrow, kernel)

    return _learning(way.widen, way.narrow, by_kernel, narrow, kernel, training)


def _learning(
    compute: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    reverse: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    by_kernel: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor],
    inputs: tf.Tensor,
    kernel: Any,
    training: bool | None,
) -> tf.Tensor:
    kernel = tf.convert_to_tensor(kernel)
    if not training:
        # Whoever loads what was exported would be warned of gradients that are not there.
        return compute(inputs, kernel)

    @tf.custom_gradient
    def learning(inputs: tf.Tensor, kernel: tf.Tensor) -> Any:
        def back(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            return reverse(upstream, kernel), by_kernel(inputs, upstream, kernel)

        return compute(inputs, kernel), back

    return learning(inputs, kernel)


def _by_operations(layer: Any) -> _Way:
    step, padding = layer.strides[0], layer.padding.upper()
    grown = 0 if layer.padding == "same" else 1
    high, across = (grown * (side - 1) for side in layer.kernel_size)

    def narrow(wide: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        return tf.nn.conv2d(wide, kernel, step, padding)

    def widen(narrow: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        rows, height, width, _ = narrow.shape
        shape = [rows, step * height + high, step * width + across, kernel.shape[2]]
        return tf.nn.conv2d_transpose(narrow, kernel, shape, step, padding)

    return _Way(narrow, widen, _windows if _halves(layer) else partial(_slices, layer=layer))


def _product(wide: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    rows, height, width, _ = wide.shape
    made = _as_matrix(_windows(wide), 3) @ _as_matrix(kernel, 1)
    return tf.reshape(made, [rows, height // 2, width // 2, kernel.shape[-1]])


def _product_widened(narrow: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    rows, height, width, _ = narrow.shape
    made = tf.matmul(_as_matrix(narrow, 1), _as_matrix(kernel, 1), transpose_b=True)
    return _overlaid(tf.reshape(made, [rows, height, width, *kernel.shape[:-1]]))


def _by_kernel(seen: tf.Tensor, narrow: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Return the gradient of a kernel: of what each place saw and what was made of it, or the reverse."""
    made = tf.matmul(_as_matrix(seen, 3), _as_matrix(narrow, 1), transpose_a=True)
    return tf.reshape(made, kernel.shape)


def _as_matrix(tensor: tf.Tensor, last: int) -> tf.Tensor:
    """Join all axes but the last ones, and those."""
    return tf.reshape(tensor, [math.prod(tensor.shape[:-last]), math.prod(tensor.shape[-last:])])


def _slices(pictures: tf.Tensor, layer: Any) -> tf.Tensor:
    """Return what each place of a result without strides sees: (batch, h, w, height, width, channels)."""
    high, wide = layer.kernel_size
    if layer.padding == "same":
        frame = [((side - 1) // 2, side // 2) for side in (high, wide)]
        pictures = tf.pad(pictures, [(0, 0), *frame, (0, 0)])
    rows, height, width, channels = pictures.shape
    height, width = height - high + 1, width - wide + 1
    cells = [
        pictures[:, down : down + height, across : across + width]
        for down in range(high)
        for across in range(wide)
    ]
    return tf.reshape(tf.concat(cells, axis=-1), [rows, height, width, high, wide, channels])


def _windows(pictures: tf.Tensor) -> tf.Tensor:
    """Return what each place of a result of half the size sees: (batch, h, w, 4, 4, channels)."""
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


_PRODUCT = _Way(_product, _product_widened, _windows)
