"""The residual generators and critics of WGAN-GP and SN-GAN.

Sources: Gulrajani et al. 2017, arXiv:1704.00028, appendix F; Miyato et al. 2018, arXiv:1802.05957, appendix
B.4, table 4: pre-activation blocks, nearest-neighbour upsampling, mean pooling. At 32 × 32 the generator has
three blocks and the discriminator two that halve the size and two more.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from gansuite.layers.batch_norm import BatchNormalization
from gansuite.layers.convolution import Conv2D
from gansuite.layers.deviation import MinibatchDeviation
from gansuite.layers.nearest import Nearest
from gansuite.layers.spectral import SpectralConv2D
from gansuite.precision import full
from gansuite_image.config import GROUP, Discriminator, Generator
from gansuite_image.networks.corners import bend
from gansuite_image.networks.widths import SMALLEST, widths

MOMENTUM = 0.9
#: Where the discriminator stops halving, and how many more blocks it has there.
PLATEAU = 8
PLAIN_BLOCKS = 2


def generate(features: keras.KerasTensor, network: Generator, shape: tuple[int, ...]) -> keras.KerasTensor:
    """Make pictures float32 (batch, *shape) in [-1, 1] of features (batch, n)."""
    channels = widths(network, shape[0])
    features = layers.Dense(
        SMALLEST * SMALLEST * channels[-1],
        use_bias=False,
        kernel_initializer="glorot_uniform",
        name="project",
    )(features)
    features = layers.Reshape([SMALLEST, SMALLEST, channels[-1]])(features)
    for width in reversed(channels):
        features = _up(features, width, network, f"up_{features.shape[1] * 2}")
    features = _activated(features, network, "last")
    picture = Conv2D(shape[-1], 3, padding="same", name="picture")(features)
    return layers.Activation("tanh", dtype=full(), name="tanh")(picture)


def _up(features: keras.KerasTensor, width: int, network: Generator, name: str) -> keras.KerasTensor:
    # What every path adds alike is taken away by the last normalisation: biases would have no gradient.
    bias = not network.batch_norm
    inner = _activated(features, network, f"{name}_first")
    inner = Nearest([2, 2])(inner)
    inner = _convolution(Conv2D, width, 3, bias, f"{name}_first")(inner)
    inner = _activated(inner, network, f"{name}_second")
    inner = _convolution(Conv2D, width, 3, bias, f"{name}_second")(inner)
    # Copying pixels and a product for each commute: this order takes a quarter of the arithmetic.
    short = _convolution(Conv2D, width, 1, bias, f"{name}_short", relu=False)(features)
    return Nearest([2, 2])(short) + inner


def judge(examples: keras.KerasTensor, network: Discriminator) -> keras.KerasTensor:
    """Return features of pictures float32 (batch, size, size, channels): (batch, n).

    Those of all places one after the other where `network.flat`, else their sums over all places.
    """
    features = examples
    halvings = widths(network, examples.shape[1])
    while features.shape[1] > PLATEAU or features is examples:
        width = halvings.pop(0)
        name = f"down_{features.shape[1] // 2}"
        features = _down(features, width, network, name, first=features is examples)
    for number in range(PLAIN_BLOCKS):
        features = _plain(features, network, f"plain_{number + 1}")
    if network.deviation:
        features = MinibatchDeviation(GROUP, name="deviation")(features)
    features = _activated(features, network, "last")
    return layers.Flatten()(features) if network.flat else ops.sum(features, axis=[1, 2])


def _down(
    features: keras.KerasTensor, width: int, network: Discriminator, name: str, *, first: bool
) -> keras.KerasTensor:
    kind = SpectralConv2D if network.spectral_norm else Conv2D
    inner = features if first else _activated(features, network, f"{name}_first")
    inner = _convolution(kind, width, 3, not network.batch_norm, f"{name}_first")(inner)
    inner = _activated(inner, network, f"{name}_second")
    inner = _convolution(kind, width, 3, not network.batch_norm, f"{name}_second")(inner)
    short = layers.AveragePooling2D(2)(features)
    short = _convolution(kind, width, 1, not network.batch_norm, f"{name}_short", relu=False)(short)
    return layers.AveragePooling2D(2)(inner) + short


def _plain(features: keras.KerasTensor, network: Discriminator, name: str) -> keras.KerasTensor:
    kind = SpectralConv2D if network.spectral_norm else Conv2D
    width = features.shape[-1]
    inner = _activated(features, network, f"{name}_first")
    inner = _convolution(kind, width, 3, not network.batch_norm, f"{name}_first")(inner)
    inner = _activated(inner, network, f"{name}_second")
    return features + _convolution(kind, width, 3, not network.batch_norm, f"{name}_second")(inner)


def _activated(
    features: keras.KerasTensor, network: Generator | Discriminator, name: str
) -> keras.KerasTensor:
    if network.batch_norm:
        features = BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(features)
    return bend(network)(features)


def _convolution(
    kind: type[keras.layers.Layer], width: int, kernel: int, bias: bool, name: str, *, relu: bool = True
) -> Any:
    start = keras.initializers.VarianceScaling(2.0 if relu else 1.0, "fan_avg", "uniform")
    return kind(width, kernel, padding="same", use_bias=bias, kernel_initializer=start, name=name)
