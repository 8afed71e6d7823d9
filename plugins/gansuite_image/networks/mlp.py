"""The dense generator and discriminator of the first GAN.

Source: Goodfellow et al. 2014, arXiv:1406.2661, section 5: rectified generators and maxout discriminators.
Without the discriminator's dropout, which the paper needed for sets as small as a class of faces.
"""

from __future__ import annotations

import math

import keras
from keras import layers, ops

from gansuite.layers.batch_norm import BatchNormalization
from gansuite.layers.deviation import MinibatchDeviation
from gansuite.layers.spectral import SpectralDense
from gansuite.precision import full
from gansuite_image.config import GROUP, Discriminator, Generator
from gansuite_image.networks.corners import bend

#: Linear pieces of a maxout unit.
PIECES = 5


def generate(features: keras.KerasTensor, network: Generator, shape: tuple[int, ...]) -> keras.KerasTensor:
    """Make pictures float32 (batch, *shape) in [-1, 1], or unbounded points float32 (batch, n)."""
    for number in range(network.layers):
        features = layers.Dense(
            network.width,
            use_bias=not network.batch_norm,
            kernel_initializer="he_normal",
            name=f"hidden_{number}",
        )(features)
        if network.batch_norm:
            features = BatchNormalization(momentum=0.9, name=f"hidden_{number}_norm")(features)
        features = bend(network)(features)
    pictures = len(shape) > 1
    examples = layers.Dense(
        math.prod(shape), activation="tanh" if pictures else None, dtype=full(), name="example"
    )(features)
    return layers.Reshape(shape, dtype=full())(examples) if pictures else examples


def judge(examples: keras.KerasTensor, network: Discriminator) -> keras.KerasTensor:
    """Return features of maxout units, (batch, width), or (batch, width + 1) with `deviation`."""
    dense = SpectralDense if network.spectral_norm else layers.Dense
    features = layers.Flatten()(examples)
    for number in range(network.layers):
        normalised = network.batch_norm and number > 0
        pieces = dense(
            network.width * PIECES,
            use_bias=not normalised,
            kernel_initializer="glorot_uniform",
            name=f"hidden_{number}",
        )(features)
        if normalised:
            pieces = BatchNormalization(momentum=0.9, name=f"hidden_{number}_norm")(pieces)
        features = ops.max(ops.reshape(pieces, [-1, network.width, PIECES]), axis=-1)
    return MinibatchDeviation(GROUP, name="deviation")(features) if network.deviation else features
