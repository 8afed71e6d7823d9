"""The networks: strided convolutions as in DCGAN (Radford et al. 2016, arXiv:1511.06434).

A bias that normalisation takes away again would follow rounding alone, so there is none before one. The
discriminator has spectral norms instead: it judges each pair on its own.
"""

from __future__ import annotations

import keras
from keras import layers

from gansuite.layers.batch_norm import BatchNormalization
from gansuite.layers.spectral import SpectralConv2D, SpectralDense
from gansuite.precision import full
from gansuite_bigan.config import Settings

SMALLEST = 4
STRIDED = {"kernel_size": 4, "strides": 2, "padding": "same"}


def generator(config: Settings) -> keras.Model:
    """Build the model from latents float32 (batch, latent) to pictures float32 in [-1, 1]."""
    latents = keras.Input([config.latent], name="latents")
    *others, widest = _widths(config)
    features = layers.Dense(SMALLEST**2 * widest, use_bias=False)(latents)
    features = _normalised(layers.Reshape([SMALLEST, SMALLEST, widest])(features))
    for width in reversed(others):
        features = _normalised(layers.Conv2DTranspose(width, use_bias=False, **STRIDED)(features))
    picture = layers.Conv2DTranspose(config.data.channels, activation="tanh", dtype=full(), **STRIDED)
    return keras.Model(latents, picture(features), name="generator")


def encoder(config: Settings) -> keras.Model:
    """Build the model from pictures float32 in [-1, 1] to latents float32 (batch, latent)."""
    pictures = features = keras.Input(config.data.shape, name="pictures")
    for width in _widths(config):
        features = _normalised(layers.Conv2D(width, use_bias=False, **STRIDED)(features))
    latents = layers.Dense(config.latent, dtype=full(), name="latents")(layers.Flatten()(features))
    return keras.Model(pictures, latents, name="encoder")


def discriminator(config: Settings) -> keras.Model:
    """Build the model from [pictures, latents] to logits float32 (batch,), high for the encoder's pairs."""
    pictures = features = keras.Input(config.data.shape, name="pictures")
    latents = keras.Input([config.latent], name="latents")
    for width in _widths(config):
        features = layers.LeakyReLU(0.2)(SpectralConv2D(width, **STRIDED)(features))
    joined = layers.Concatenate()([layers.Flatten()(features), _dense(config, latents)])
    logits = SpectralDense(1, dtype=full(), name="logits")(_dense(config, joined))
    return keras.Model([pictures, latents], logits[:, 0], name="discriminator")


def _widths(config: Settings) -> list[int]:
    return [config.width << depth for depth in range((config.data.size // SMALLEST).bit_length() - 1)]


def _normalised(features: keras.KerasTensor) -> keras.KerasTensor:
    return layers.LeakyReLU(0.2)(BatchNormalization(momentum=0.9)(features))


def _dense(config: Settings, features: keras.KerasTensor) -> keras.KerasTensor:
    return layers.LeakyReLU(0.2)(SpectralDense(16 * config.width)(features))
