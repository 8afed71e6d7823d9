"""Discriminators: whatever the architecture, examples and labels come in and logits come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops

from gansuite.layers.clipping import Clip
from gansuite.layers.spectral import SpectralDense
from gansuite.precision import full
from gansuite_image.config import UNANCHORED, Discriminator, ImageGAN
from gansuite_image.networks import dcgan, mlp, resnet
from gansuite_image.networks.labels import labelled, one_hot

#: From examples to features (batch, n).
ARCHITECTURES: dict[str, Callable[[keras.KerasTensor, Discriminator], keras.KerasTensor]] = {
    "mlp": mlp.judge,
    "dcgan": dcgan.judge,
    "resnet": resnet.judge,
}


def build_discriminator(config: ImageGAN) -> keras.Model:
    """Build the discriminator, or critic, that some settings describe.

    Returns:
        Model from examples float32 (batch, ...), and labels int32 (batch,) where `data.classes` is not 0, to
        logits float32 (batch,). The output of its layer `features`, (batch, n), is what the logit is a
        linear function of.

    Source: Mirza and Osindero 2014, arXiv:1411.1784, section 3.2 (labels as inputs); Miyato and Koyama 2018,
    arXiv:1802.05637, eq. 4 and figure 14 (projection).
    """
    data, network = config.data, config.discriminator
    examples = keras.Input(data.shape, name="examples")
    inputs, seen = [examples], examples
    if data.classes:
        inputs.append(keras.Input([], dtype="int32", name="labels"))
        if network.condition == "concat":
            seen = labelled(examples, inputs[1], data.classes)
    features = ARCHITECTURES[network.architecture](seen, network)
    features = layers.Identity(dtype=full(), name="features")(features)
    # A constant added to all scores is invisible to an unanchored loss: its gradient would be rounding.
    logits = _dense(network, 1, use_bias=config.loss not in UNANCHORED, name="logits")(features)
    logits = ops.squeeze(logits, axis=-1)
    if data.classes and network.condition == "projection":
        chosen = _dense(network, features.shape[-1], use_bias=False, name="projection")(
            one_hot(inputs[1], data.classes)
        )
        logits = logits + ops.sum(features * chosen, axis=-1)
    model = keras.Model(inputs if data.classes else examples, logits, name="discriminator")
    if network.clip:
        _clip(model, network.clip)
    return model


def _dense(network: Discriminator, units: int, **options: Any) -> keras.layers.Layer:
    kind = SpectralDense if network.spectral_norm else layers.Dense
    return kind(units, kernel_initializer=dcgan.normal(), dtype=full(), **options)


def _clip(model: keras.Model, bound: float) -> None:
    for weight in model.trainable_weights:
        weight.constraint = Clip(bound)
