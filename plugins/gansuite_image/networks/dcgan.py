"""The convolutional generator and discriminator of DCGAN.

Source: Radford et al. 2016, arXiv:1511.06434, section 3 and figure 1: strided convolutions instead of
pooling, batch normalisation except in the generator's last and the discriminator's first layer, ReLU and
LeakyReLU of slope 0.2, tanh at the end, weights from N(0, 0.02).
"""

from __future__ import annotations

import math

import keras
from keras import layers

from gansuite_image.config import ImageData, Network

SMALLEST = 4
SLOPE = 0.2
DEVIATION = 0.02
#: Of the statistics used when generating; what they were some hundred steps ago is another network's.
MOMENTUM = 0.9


def build_generator(network: Network, data: ImageData, latent: int) -> keras.Model:
    """Build the generator.

    Returns:
        Model from latents float32 (batch, latent) to pictures float32 (batch, size, size, channels) in
        [-1, 1].
    """
    widths = channels(network, data.size)
    latents = keras.Input([latent], name="latents")
    features = layers.Dense(
        SMALLEST * SMALLEST * widths[-1], use_bias=False, kernel_initializer=_normal(), name="project"
    )(latents)
    features = layers.Reshape([SMALLEST, SMALLEST, widths[-1]])(features)
    features = layers.ReLU()(_normalised(network, features, "project"))
    for width in reversed(widths[:-1]):
        name = f"up_{features.shape[1] * 2}"
        features = layers.Conv2DTranspose(
            width, use_bias=not network.batch_norm, **_strided(network), name=name
        )(features)
        features = layers.ReLU()(_normalised(network, features, name))
    pictures = layers.Conv2DTranspose(
        data.channels, activation="tanh", dtype="float32", **_strided(network), name="picture"
    )(features)
    return keras.Model(latents, pictures, name="generator")


def build_discriminator(network: Network, data: ImageData) -> keras.Model:
    """Build the discriminator.

    Returns:
        Model from pictures float32 (batch, size, size, channels) in [-1, 1] to logits float32 (batch,).
    """
    pictures = keras.Input([data.size, data.size, data.channels], name="pictures")
    features = pictures
    for depth, width in enumerate(channels(network, data.size)):
        normalised = network.batch_norm and depth > 0
        name = f"down_{features.shape[1] // 2}"
        features = layers.Conv2D(width, use_bias=not normalised, **_strided(network), name=name)(features)
        if normalised:
            features = _normalised(network, features, name)
        features = layers.LeakyReLU(SLOPE)(features)
    features = layers.Flatten()(features)
    logits = layers.Dense(1, kernel_initializer=_normal(), dtype="float32", name="logits")(features)
    return keras.Model(pictures, layers.Flatten(dtype="float32")(logits)[:, 0], name="discriminator")


def channels(network: Network, size: int) -> list[int]:
    """Return the channels at each halving of the size, from the picture inwards."""
    return [min(network.width << depth, network.widest) for depth in range(int(math.log2(size // SMALLEST)))]


def _strided(network: Network) -> dict[str, object]:
    return {
        "kernel_size": network.kernel,
        "strides": 2,
        "padding": "same",
        "kernel_initializer": _normal(),
    }


def _normalised(network: Network, features: keras.KerasTensor, name: str) -> keras.KerasTensor:
    if not network.batch_norm:
        return features
    return layers.BatchNormalization(
        momentum=MOMENTUM,
        synchronized=True,
        gamma_initializer=keras.initializers.RandomNormal(1.0, DEVIATION),
        name=f"{name}_norm",
    )(features)


def _normal() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=DEVIATION)
