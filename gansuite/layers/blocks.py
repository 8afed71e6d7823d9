"""Convolutions to as few channels as pictures have."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from gansuite.layers.convolution import finished

#: Channels up to which it was faster on two cores without a GPU: kernels of oneDNN make sixteen at a time.
_FEW = 4
#: Height and width of what is made at a time.
_BLOCK = 2


class BlockConv2D(keras.layers.Conv2D):
    """Keras's Conv2D, the same to rounding, which makes 2 × 2 pixels at a time where channels are few.

    (batch, h, w, channels) to (batch, h, w, filters), or smaller with `padding="valid"`, in float32, bfloat16
    or float64. A kernel for each of the four places, beside each other, is a convolution with strides of 2 to
    four times as many channels. On a CPU that takes half of the time; it needs an even result of known size.
    """

    def call(self, inputs: Any) -> Any:
        """Convolve, in blocks where that is faster."""
        if not self._is_faster(inputs):
            return super().call(inputs)
        rest = _BLOCK - 1
        places = [(down, across) for down in range(_BLOCK) for across in range(_BLOCK)]
        kernels = [
            tf.pad(self.kernel, [[down, rest - down], [across, rest - across], [0, 0], [0, 0]])
            for down, across in places
        ]
        frame = [(side // 2, side // 2) if self.padding == "same" else (0, 0) for side in self.kernel_size]
        framed = tf.pad(inputs, [(0, 0), *frame, (0, 0)])
        made = tf.nn.conv2d(framed, tf.concat(kernels, axis=-1), _BLOCK, "VALID")
        made = tf.nn.depth_to_space(made, _BLOCK)
        return finished(self, made)

    def _is_faster(self, inputs: Any) -> bool:
        form = (self.strides, self.dilation_rate, self.groups, self.data_format)
        is_plain = form == ((1, 1), (1, 1), 1, "channels_last") and self.filters <= _FEW
        is_centred = self.padding == "valid" or all(side % 2 for side in self.kernel_size)
        sides = self.compute_output_shape(inputs.shape)[1:3]
        is_even = None not in sides and not any(side % _BLOCK for side in sides)
        return is_plain and is_centred and is_even and not tf.config.list_physical_devices("GPU")
