"""The U-Net that Pix2Pix translates with.

Source: Isola et al. 2017, arXiv:1611.07004, section 3.2.1 and appendix 6.1: convolutions 4 × 4 of stride 2
down to 1 × 1 and up again, with every level of the encoder beside the decoder's. No normalisation next to
the picture nor at 1 × 1, where it would leave nothing.
"""

from __future__ import annotations

import math

import keras
from keras import layers

from gansuite.layers.bend import Bend
from gansuite.layers.convolution import Conv2D, Conv2DTranspose
from gansuite.layers.dropout import StatelessDropout
from gansuite_translation.config import Sides, UNet
from gansuite_translation.networks.starting import WIDEST, leaky, normal, normalised, picture

DROPPED_LEVELS = 3


def build_unet(network: UNet, data: Sides, name: str = "generator") -> keras.Model:
    """Build the network.

    Returns:
        Model from [pictures, *noises] to pictures, float32 (batch, height, width, channels) in [-1, 1];
        height and width any multiple of `data.size`. With dropout, noises are uniform in [0, 1), of
        `noise_shapes`; they are looked at in training only.
    """
    widths = encoder_widths(network, data.size)
    pictures = keras.Input([None, None, data.channels], name="pictures")
    noises = [
        keras.Input([None, None, shape[-1]], name=f"noise_{level}")
        for level, shape in enumerate(noise_shapes(network, data.size))
    ]
    features, skips = pictures, []
    for level, width in enumerate(widths):
        inner = level == len(widths) - 1
        features = Conv2D(width, **_strided(), name=f"down_{level}")(leaky(features) if level else features)
        if level and not inner:
            features = normalised(features, f"down_{level}")
        skips.append(features)
    features = skips.pop()
    for level, width in enumerate(reversed(widths[:-1])):
        features = Conv2DTranspose(width, **_strided(), name=f"up_{level}")(Bend(0.0)(features))
        features = normalised(features, f"up_{level}")
        if level < len(noises):
            features = StatelessDropout(network.dropout)([features, noises[level]])
        features = layers.Concatenate()([features, skips.pop()])
    made = picture(Bend(0.0)(features), Conv2DTranspose, data.channels, 4, strides=2, padding="same")
    return keras.Model([pictures, *noises], made, name=name)


def encoder_widths(network: UNet, size: int) -> list[int]:
    """Return the channels after each halving, from the picture inwards to 1 × 1."""
    return [min(network.width << level, WIDEST * network.width) for level in range(int(math.log2(size)))]


def noise_shapes(network: UNet, size: int) -> list[tuple[int, int, int]]:
    """Return the (height, width, channels) of each level that drops features, for pictures of `size`."""
    if not network.dropout:
        return []
    decoder = encoder_widths(network, size)[-2::-1]
    return [(2 << level, 2 << level, width) for level, width in enumerate(decoder[:DROPPED_LEVELS])]


def _strided() -> dict[str, object]:
    # No bias: a normalisation or the bottleneck follows, and the published count of weights has none.
    return {
        "kernel_size": 4, "strides": 2, "padding": "same", "use_bias": False, "kernel_initializer": normal(),
    }  # fmt: skip
