"""The discriminator that judges patches.

Source: Isola et al. 2017, arXiv:1611.07004, section 3.2.2 and appendix 6.1.2; layers and padding as in the
published code, which ends with two convolutions of stride 1.
"""

from __future__ import annotations

import keras
from keras import layers

from gansuite.layers.convolution import Conv2D
from gansuite.precision import full
from gansuite_translation.config import PatchGAN
from gansuite_translation.networks.starting import WIDEST, leaky, normal, normalised


def build_patchgan(network: PatchGAN, channels: int, name: str = "discriminator") -> keras.Model:
    """Build the discriminator.

    Args:
        network: how wide, and how many layers halve the size.
        channels: of what is judged: two pictures' where one is judged beside the other.

    Returns:
        Model from pictures float32 (batch, height, width, channels) in [-1, 1] to logits float32
        (batch, patches): one for each patch of 1, 16, 34, 70, 142 or 286 pixels, with 0 to 5 layers.
    """
    pictures = keras.Input([None, None, channels], name="pictures")
    size = 4 if network.layers else 1
    features = leaky(
        _convolution(pictures, network.width, size, "down_0", halve=network.layers > 0, bias=True)
    )
    for level in range(1, max(network.layers, 1) + 1):
        width = network.width * min(1 << level, WIDEST)
        halve = level < network.layers
        features = _convolution(features, width, size, f"down_{level}", halve=halve, bias=False)
        features = leaky(normalised(features, f"down_{level}"))
    logits = Conv2D(1, size, kernel_initializer=normal(), dtype=full(), name="logits")
    scores = logits(_bordered(features, size))
    return keras.Model(pictures, layers.Reshape([-1], dtype=full())(scores), name=name)


def _convolution(
    features: keras.KerasTensor, channels: int, size: int, name: str, *, halve: bool, bias: bool
) -> keras.KerasTensor:
    layer = Conv2D(
        channels, size, strides=2 if halve else 1, padding="same" if halve else "valid", use_bias=bias,
        kernel_initializer=normal(), name=name,
    )  # fmt: skip
    return layer(features if halve else _bordered(features, size))


def _bordered(features: keras.KerasTensor, size: int) -> keras.KerasTensor:
    """Add the published border of one pixel before a convolution of stride 1, which takes away three."""
    return features if size == 1 else layers.ZeroPadding2D(1)(features)
