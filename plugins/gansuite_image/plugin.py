"""What this package announces; light, so that listing plugins imports nothing heavy."""

from __future__ import annotations

from gansuite.plugin import Plugin

dcgan = Plugin(
    name="dcgan",
    summary="Images from noise with convolutional networks (Radford et al. 2016)",
    api=1,
    config="gansuite_image.config:DCGAN",
    domain="gansuite_image.domain:ImageDomain",
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
