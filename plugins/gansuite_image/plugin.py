"""What this package announces; light, so that listing plugins imports nothing heavy."""

from __future__ import annotations

from gansuite.plugin import Plugin

gan = Plugin(
    name="gan",
    summary="Images or points from noise with dense networks (Goodfellow et al. 2014)",
    api=1,
    config="gansuite_image.config:GAN",
    domain="gansuite_image.domain:ImageDomain",
    reads=("pictures", "points"),
    presets={
        "paper": {
            "data": {"size": 32, "channels": 1},
            "generator": {"width": 1200},
            "discriminator": {"width": 240},
            "training": {"batch_size": 100, "steps": 100000},
        },
    },
)

cgan = Plugin(
    name="cgan",
    summary="Images of a class from noise and a label (Mirza and Osindero 2014)",
    api=1,
    config="gansuite_image.config:CGAN",
    domain="gansuite_image.domain:ImageDomain",
    reads=("pictures", "points"),
    presets={
        "paper": {
            "data": {"size": 32, "channels": 1},
            "generator": {"architecture": "mlp", "width": 1200, "batch_norm": False},
            "discriminator": {"architecture": "mlp", "width": 240, "batch_norm": False},
            "training": {"batch_size": 100, "steps": 100000},
        },
    },
)

dcgan = Plugin(
    name="dcgan",
    summary="Images from noise with convolutional networks (Radford et al. 2016)",
    api=1,
    config="gansuite_image.config:DCGAN",
    domain="gansuite_image.domain:ImageDomain",
    reads=("pictures", "points"),
    presets={
        "paper": {
            "data": {"size": 64, "channels": 3},
            "latent": 100,
            "generator": {"width": 128, "widest": 1024, "kernel": 5},
            "discriminator": {"width": 64, "kernel": 5},
            "training": {"batch_size": 128, "steps": 100000},
        },
    },
)

wgan = Plugin(
    name="wgan",
    summary="Images from noise, with a critic of clipped weights (Arjovsky et al. 2017)",
    api=1,
    config="gansuite_image.config:WGAN",
    domain="gansuite_image.domain:ImageDomain",
    reads=("pictures", "points"),
)

wgan_gp = Plugin(
    name="wgan-gp",
    summary="Images from noise, with a critic whose slope is penalised (Gulrajani et al. 2017)",
    api=1,
    config="gansuite_image.config:WGANGP",
    domain="gansuite_image.domain:ImageDomain",
    reads=("pictures", "points"),
)

sngan = Plugin(
    name="sngan",
    summary="Images from noise, with a spectrally normalised discriminator (Miyato et al. 2018)",
    api=1,
    config="gansuite_image.config:SNGAN",
    domain="gansuite_image.domain:ImageDomain",
    reads=("pictures", "points"),
)
