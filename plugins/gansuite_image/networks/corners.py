"""What bends between two layers, with a kink at 0 or without."""

from __future__ import annotations

import keras
from keras import layers

from gansuite.layers.bend import Bend
from gansuite_image.config import Discriminator, Generator


def bend(network: Generator | Discriminator, slope: float = 0.0) -> keras.layers.Layer:
    """Return a ReLU, or with a slope below 0 a LeakyReLU, with the corners that a network is to have."""
    if network.corners == "round":
        return Bend(slope)
    return layers.LeakyReLU(slope) if slope else layers.ReLU()
