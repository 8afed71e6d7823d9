"""How the weights of every network here begin, and what its layers have in common.

Source: Isola et al. 2017, arXiv:1611.07004, appendix 6; Zhu et al. 2017, arXiv:1703.10593, appendix 7.2.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from gansuite.layers.bend import Bend
from gansuite.layers.instance_norm import InstanceNormalization
from gansuite.precision import full

DEVIATION = 0.02
SLOPE = 0.2
#: No layer has more channels than so many times those next to the picture.
WIDEST = 8


def normal() -> keras.initializers.Initializer:
    """Return what kernels begin as: N(0, 0.02²)."""
    return keras.initializers.RandomNormal(stddev=DEVIATION)


def normalised(features: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Normalise each picture by itself: what batch normalisation is at the published batch size of 1."""
    return InstanceNormalization(DEVIATION, name=f"{name}_norm")(features)


def leaky(features: keras.KerasTensor) -> keras.KerasTensor:
    """Bend the features as encoders and discriminators do."""
    return Bend(SLOPE)(features)


def picture(
    features: keras.KerasTensor, layer: type[layers.Layer], channels: int, size: int, **arguments: Any
) -> keras.KerasTensor:
    """Make a generator's pictures of its last features: float32 in [-1, 1], in any precision."""
    made = layer(channels, size, kernel_initializer=normal(), name="picture", **arguments)(features)
    return layers.Activation("tanh", dtype=full(), name="tanh")(made)
