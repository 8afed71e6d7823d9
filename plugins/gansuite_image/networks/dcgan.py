"""The convolutional generator and discriminator of DCGAN.

Source: Radford et al. 2016, arXiv:1511.06434, section 3 and figure 1: strided convolutions instead of
pooling, batch normalisation except in the generator's last and the discriminator's first layer, ReLU and
LeakyReLU of slope 0.2, tanh at the end, weights from N(0, 0.02).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from gansuite.layers.batch_norm import BatchNormalization
from gansuite.layers.convolution import Conv2D, Conv2DTranspose
from gansuite.layers.deviation import MinibatchDeviation
from gansuite.layers.spectral import SpectralConv2D
from gansuite.precision import full
from gansuite_image.config import GROUP, Discriminator, Generator
from gansuite_image.networks.corners import bend
from gansuite_image.networks.widths import SMALLEST, widths

SLOPE = 0.2
DEVIATION = 0.02
#: Of the statistics used when generating; what they were some hundred steps ago is another network's.
MOMENTUM = 0.9


def generate(features: keras.KerasTensor, network: Generator, shape: tuple[int, ...]) -> keras.KerasTensor:
    """Make pictures float32 (batch, *shape) in [-1, 1] of features (batch, n)."""
    channels = widths(network, shape[0])
    features = layers.Dense(
        SMALLEST * SMALLEST * channels[-1], use_bias=False, kernel_initializer=normal(), name="project"
    )(features)
    features = layers.Reshape([SMALLEST, SMALLEST, channels[-1]])(features)
    features = bend(network)(_normalised(network, features, "project"))
    for width in reversed(channels[:-1]):
        name = f"up_{features.shape[1] * 2}"
        features = Conv2DTranspose(width, use_bias=not network.batch_norm, **_strided(network), name=name)(
            features
        )
        features = bend(network)(_normalised(network, features, name))
    picture = Conv2DTranspose(shape[-1], **_strided(network), name="picture")(features)
    return layers.Activation("tanh", dtype=full(), name="tanh")(picture)


def judge(examples: keras.KerasTensor, network: Discriminator) -> keras.KerasTensor:
    """Return features (batch, 4 · 4 · channels) of pictures float32 (batch, size, size, channels)."""
    convolution = SpectralConv2D if network.spectral_norm else Conv2D
    features = examples
    for depth, width in enumerate(widths(network, examples.shape[1])):
        normalised = network.batch_norm and depth > 0
        name = f"down_{features.shape[1] // 2}"
        features = convolution(width, use_bias=not normalised, **_strided(network), name=name)(features)
        if normalised:
            features = _normalised(network, features, name)
        features = bend(network, SLOPE)(features)
    if network.deviation:
        features = MinibatchDeviation(GROUP, name="deviation")(features)
    return layers.Flatten()(features)


def normal() -> keras.initializers.Initializer:
    """How weights begin: N(0, 0.02)."""
    return keras.initializers.RandomNormal(stddev=DEVIATION)


def _strided(network: Generator | Discriminator) -> dict[str, Any]:
    return {
        "kernel_size": network.kernel,
        "strides": 2,
        "padding": "same",
        "kernel_initializer": normal(),
    }


def _normalised(
    network: Generator | Discriminator, features: keras.KerasTensor, name: str
) -> keras.KerasTensor:
    if not network.batch_norm:
        return features
    return BatchNormalization(
        momentum=MOMENTUM,
        gamma_initializer=keras.initializers.RandomNormal(1.0, DEVIATION),
        name=f"{name}_norm",
    )(features)
