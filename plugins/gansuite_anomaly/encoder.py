"""The encoder of f-AnoGAN.

Source: Schlegl et al. 2019, doi:10.1016/j.media.2019.01.010, section 2.2: an encoder built like the
discriminator, with a linear last layer as wide as the latents. It sees place by place: latents say where
things are.
"""

from __future__ import annotations

import keras
from keras import layers

from gansuite.precision import full
from gansuite_anomaly.config import FAnoGAN
from gansuite_image.config import Discriminator
from gansuite_image.networks.discriminator import ARCHITECTURES


def build_encoder(config: FAnoGAN) -> keras.Model:
    """Build the encoder that some settings describe.

    Returns:
        Model from pictures float32 (batch, size, size, channels) in [-1, 1] to latents float32
        (batch, latent).
    """
    network = config.encoder
    like = Discriminator(
        architecture=network.architecture,
        width=network.width,
        widest=network.widest,
        kernel=network.kernel,
        batch_norm=network.batch_norm,
        flat=True,
    )
    examples = keras.Input(config.data.shape, name="examples")
    features = ARCHITECTURES[network.architecture](examples, like)
    latents = layers.Dense(config.latent, kernel_initializer="glorot_uniform", dtype=full(), name="latents")(
        features
    )
    return keras.Model(examples, latents, name="encoder")
