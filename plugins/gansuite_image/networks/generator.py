"""Generators: whatever the architecture, latents and labels come in and examples come out."""

from __future__ import annotations

from collections.abc import Callable

import keras
from keras import layers

from gansuite_image.config import Generator, ImageGAN
from gansuite_image.networks import dcgan, mlp, resnet
from gansuite_image.networks.labels import one_hot

#: From features (batch, n) to examples of a shape, float32.
ARCHITECTURES: dict[str, Callable[[keras.KerasTensor, Generator, tuple[int, ...]], keras.KerasTensor]] = {
    "mlp": mlp.generate,
    "dcgan": dcgan.generate,
    "resnet": resnet.generate,
}


def build_generator(config: ImageGAN) -> keras.Model:
    """Build the generator that some settings describe.

    Returns:
        Model from latents float32 (batch, latent), and labels int32 (batch,) where `data.classes` is not 0,
        to pictures float32 (batch, size, size, channels) in [-1, 1], or points float32 (batch, 2).

    Source: Mirza and Osindero 2014, arXiv:1411.1784, section 3.2, for the labels.
    """
    data = config.data
    latents = keras.Input([config.latent], name="latents")
    inputs, features = [latents], latents
    if data.classes:
        inputs.append(keras.Input([], dtype="int32", name="labels"))
        features = layers.Concatenate()([latents, one_hot(inputs[1], data.classes)])
    examples = ARCHITECTURES[config.generator.architecture](features, config.generator, data.shape)
    return keras.Model(inputs if data.classes else latents, examples, name="generator")
