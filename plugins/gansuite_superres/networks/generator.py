"""The network that enlarges.

As published (preset `paper`): SRResNet, Ledig et al. 2017, arXiv:1609.04802, figure 4 and section 3.2. The
default is smaller and made for speed: no normalisation (Lim et al. 2017, arXiv:1707.02921, section 3.1), all
convolutions at the size of the small picture (Shi et al. 2016, arXiv:1609.05158), and only what a bicubic
enlargement lacks has to be learned (Kim et al. 2016, arXiv:1511.04587, section 3.1).
"""

from __future__ import annotations

import math

import keras
from keras import initializers, layers

from gansuite.data.images.bicubic import REACH
from gansuite.layers.batch_norm import BatchNormalization
from gansuite.layers.blocks import BlockConv2D
from gansuite.layers.pixel_shuffle import ICNR, PixelShuffle
from gansuite.precision import full
from gansuite_superres.config import Generator
from gansuite_superres.networks.enlarging import Bicubic

#: What the steps of a stepwise enlargement multiply.
STEPS = {2: (2,), 3: (3,), 4: (2, 2), 8: (2, 2, 2)}
SLOPE = 0.25
MOMENTUM = 0.9
#: Of a block's last convolution where nothing normalises it: a block begins as little more than nothing.
SMALL = 0.1


def build_generator(network: Generator, scale: int) -> keras.Model:
    """Build the generator.

    Returns:
        Model from pictures float32 (batch, height, width, 3) in [-1, 1], of any size, to float32 (batch,
        scale · height, scale · width, 3), about in [-1, 1].
    """
    pictures = keras.Input([None, None, 3], name="pictures")
    first = _activated(network, _convolution(network.width, network.ends, "first")(pictures), "first")
    features = first
    for number in range(network.blocks):
        features = _block(network, features, f"block_{number + 1}")
    features = _normalised(network, features, "gather")
    features = layers.Add(name="gathered")([features, first])
    if network.upsampling == "stepwise":
        features = _stepwise(network, features, scale)
        made = layers.Identity(dtype=full(), name="made")(_last(network, 3)(features))
    else:
        made = PixelShuffle(scale, dtype=full(), name="shuffle")(
            _last(network, 3 * scale**2, scale)(features)
        )
    if network.bicubic:
        made = layers.Add(dtype=full(), name="enlarged")([made, Bicubic(scale, name="bicubic")(pictures)])
    return keras.Model(pictures, made, name="generator")


def reach(network: Generator, scale: int) -> int:
    """Return how far a pixel of the small picture is seen: pixels in each direction, rounded up."""
    seen = network.ends // 2 + 2 * network.blocks + 1
    size, after = 1, 0.0
    if network.upsampling == "stepwise":
        for factor in STEPS[scale]:
            after += 1 / size
            size *= factor
    return max(REACH, math.ceil(seen + after + (network.ends // 2) / size))


def _block(network: Generator, features: keras.KerasTensor, name: str) -> keras.KerasTensor:
    inner = _normalised(network, features, f"{name}_a")
    inner = _activated(network, inner, name)
    inner = _normalised(network, inner, f"{name}_b", share=SMALL)
    return layers.Add(name=name)([features, inner])


def _stepwise(network: Generator, features: keras.KerasTensor, scale: int) -> keras.KerasTensor:
    for number, factor in enumerate(STEPS[scale], start=1):
        start = ICNR(factor, initializers.HeNormal())
        name = f"up_{number}"
        features = _convolution(network.width * factor**2, 3, name, start)(features)
        features = _activated(network, PixelShuffle(factor, name=f"{name}_shuffle")(features), name)
    return features


def _last(network: Generator, channels: int, shuffled: int = 1) -> layers.Layer:
    # Beside a bicubic enlargement nothing is the best beginning.
    start = initializers.Zeros() if network.bicubic else initializers.GlorotUniform()
    return BlockConv2D(
        channels, network.ends, padding="same", kernel_initializer=ICNR(shuffled, start), name="last"
    )


def _normalised(
    network: Generator, features: keras.KerasTensor, name: str, share: float = 1.0
) -> keras.KerasTensor:
    """A convolution, with batch normalisation or without."""
    if not network.batch_norm:
        start = initializers.VarianceScaling(2.0 * share**2, "fan_in", "truncated_normal")
        return _convolution(network.width, 3, name, start)(features)
    features = layers.Conv2D(network.width, 3, padding="same", use_bias=False, name=name)(features)
    return BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(features)


def _convolution(
    channels: int, kernel: int, name: str, start: initializers.Initializer | None = None
) -> layers.Layer:
    start = start if start is not None else initializers.HeNormal()
    return layers.Conv2D(channels, kernel, padding="same", kernel_initializer=start, name=name)


def _activated(network: Generator, features: keras.KerasTensor, name: str) -> keras.KerasTensor:
    if network.activation == "relu":
        return layers.ReLU(name=f"{name}_relu")(features)
    return layers.PReLU(
        alpha_initializer=initializers.Constant(SLOPE), shared_axes=[1, 2], name=f"{name}_prelu"
    )(features)
