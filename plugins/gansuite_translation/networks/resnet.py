"""The residual generator of CycleGAN.

Source: Zhu et al. 2017, arXiv:1703.10593, appendix 7.2, after Johnson et al. 2016, arXiv:1603.08155:
c7s1-64, d128, d256, R256 × blocks, u128, u64, c7s1-3, with reflected borders.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import layers

from gansuite.layers.bend import Bend
from gansuite.layers.blocks import BlockConv2D
from gansuite.layers.convolution import Conv2D, Conv2DTranspose
from gansuite_translation.networks.starting import normal, normalised, picture

#: Height and width of what is translated must be multiples of it.
MULTIPLE = 4
#: And at least so large: a quarter of it is mirrored around itself.
LEAST = 8


def build_resnet(width: int, blocks: int, channels: int, name: str = "generator") -> keras.Model:
    """Build the generator.

    Returns:
        Model from [pictures] to pictures, float32 (batch, height, width, channels) in [-1, 1]; height and
        width any multiple of 4 from 8 on.
    """
    pictures = keras.Input([None, None, channels], name="pictures")
    features = _block(Reflected(3)(pictures), width, 7, "first", padding="valid")
    for level in (1, 2):
        features = _block(features, width << level, 3, f"down_{level}", strides=2, padding="same")
    for number in range(blocks):
        inner = _block(Reflected(1)(features), width << 2, 3, f"block_{number}_a", padding="valid")
        inner = _block(Reflected(1)(inner), width << 2, 3, f"block_{number}_b", padding="valid", bend=False)
        features = layers.Add()([features, inner])
    for level in (1, 0):
        features = _block(
            features, width << level, 3, f"up_{level}", Conv2DTranspose, strides=2, padding="same"
        )
    made = picture(Reflected(3)(features), BlockConv2D, channels, 7, padding="valid")
    return keras.Model([pictures], made, name=name)


class Reflected(layers.Layer):
    """Adds a border that mirrors what is inside it: (batch, h, w, c) to (batch, h + 2b, w + 2b, c).

    Args:
        border: b, below height and width.
    """

    def __init__(self, border: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.border = border

    def call(self, inputs: Any) -> Any:
        around = [self.border, self.border]
        return tf.pad(inputs, [[0, 0], around, around, [0, 0]], "REFLECT")

    def compute_output_shape(self, input_shape: Any) -> Any:
        rows, height, width, channels = input_shape
        grown = [None if size is None else size + 2 * self.border for size in (height, width)]
        return (rows, *grown, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "border": self.border}


def _block(
    features: keras.KerasTensor,
    channels: int,
    size: int,
    name: str,
    layer: type[layers.Layer] = Conv2D,
    *,
    bend: bool = True,
    **arguments: Any,
) -> keras.KerasTensor:
    convolution = layer(channels, size, use_bias=False, kernel_initializer=normal(), name=name, **arguments)
    features = normalised(convolution(features), name)
    return Bend(0.0)(features) if bend else features
