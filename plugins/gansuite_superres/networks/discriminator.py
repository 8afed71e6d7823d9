"""The network that tells photographs from enlarged pictures.

Source: Ledig et al. 2017, arXiv:1609.04802, figure 4 and section 2.1.1: eight convolutions, every second one
strided, LeakyReLU of slope 0.2, batch normalisation except in the first, and two dense layers.
"""

from __future__ import annotations

import keras
from keras import layers

from gansuite.layers.batch_norm import BatchNormalization
from gansuite.layers.convolution import Conv2D
from gansuite.precision import full
from gansuite_superres.config import Discriminator

SLOPE = 0.2
MOMENTUM = 0.9
STAGES = 4


def build_discriminator(network: Discriminator, crop: int) -> keras.Model:
    """Build the discriminator.

    Returns:
        Model from pictures float32 (batch, crop, crop, 3) in [-1, 1] to a list: logits float32 (batch,), then
        the features of its four stages (batch, h, w, c), each half as high and wide as the one before.
    """
    pictures = keras.Input([crop, crop, 3], name="pictures")
    features, stages = pictures, []
    for stage in range(STAGES):
        width = network.width << stage
        for strides in (1, 2):
            name = f"stage_{stage + 1}_{strides}"
            normalised = network.batch_norm and not (stage == 0 and strides == 1)
            features = Conv2D(
                width, 3, strides, "same", use_bias=not normalised, kernel_initializer="he_normal", name=name
            )(features)
            if normalised:
                features = BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(features)
            features = layers.LeakyReLU(SLOPE, name=f"{name}_bent")(features)
        stages.append(features)
    features = layers.Dense(network.dense, name="dense")(layers.Flatten()(features))
    features = layers.LeakyReLU(SLOPE, name="dense_bent")(features)
    logits = layers.Dense(1, dtype=full(), name="logits")(features)
    return keras.Model(pictures, [layers.Flatten(dtype=full())(logits)[:, 0], *stages], name="discriminator")
