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
            "latent": 100,
            "generator": {"width": 1200},
            "discriminator": {"width": 240},
            "generator_optimizer": {"learning_rate": 2e-4},
            "discriminator_optimizer": {"learning_rate": 2e-4},
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
    reads=("pictures",),
    presets={
        "paper": {
            "data": {"size": 32, "channels": 1},
            "latent": 100,
            "generator": {"architecture": "mlp", "width": 1200, "batch_norm": False, "corners": "sharp"},
            "discriminator": {
                "architecture": "mlp",
                "width": 240,
                "batch_norm": False,
                "condition": "concat",
                "corners": "sharp",
            },
            "generator_optimizer": {"learning_rate": 2e-4},
            "discriminator_optimizer": {"learning_rate": 2e-4},
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
            "generator": {"width": 128, "widest": 1024, "kernel": 5, "corners": "sharp"},
            "discriminator": {"width": 64, "kernel": 5, "corners": "sharp"},
            "generator_optimizer": {"learning_rate": 2e-4},
            "discriminator_optimizer": {"learning_rate": 2e-4},
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
    presets={
        # Algorithm 1 and section 4.2: DCGAN at 64 × 64.
        "paper": {
            "data": {"size": 64, "channels": 3},
            "latent": 100,
            "rounds": 5,
            "generator": {"width": 64, "widest": 512},
            "discriminator": {"width": 64, "widest": 512, "clip": 0.01},
            "generator_optimizer": {"learning_rate": 5e-5},
            "discriminator_optimizer": {"learning_rate": 5e-5},
            "training": {"batch_size": 64, "steps": 100000},
        },
    },
)

wgan_gp = Plugin(
    name="wgan-gp",
    summary="Images from noise, with a critic whose slope is penalised (Gulrajani et al. 2017)",
    api=1,
    config="gansuite_image.config:WGANGP",
    domain="gansuite_image.domain:ImageDomain",
    reads=("pictures", "points"),
    presets={
        # Appendix F: residual networks for 32 × 32; rates fall linearly to 0.
        "paper": {
            "data": {"size": 32, "channels": 3},
            "latent": 128,
            "rounds": 5,
            "generator": {"architecture": "resnet", "width": 128, "widest": 128},
            "discriminator": {"architecture": "resnet", "width": 128, "widest": 128},
            "generator_optimizer": {"learning_rate": 2e-4, "schedule": {"decay": "linear"}},
            "discriminator_optimizer": {"learning_rate": 2e-4, "schedule": {"decay": "linear"}},
            "training": {"batch_size": 64, "steps": 100000},
        },
    },
)

sngan = Plugin(
    name="sngan",
    summary="Images from noise, with a spectrally normalised discriminator (Miyato et al. 2018)",
    api=1,
    config="gansuite_image.config:SNGAN",
    domain="gansuite_image.domain:ImageDomain",
    reads=("pictures", "points"),
    presets={
        # Appendix B.4, for 32 × 32; in the authors' code rates fall linearly to 0.
        "paper": {
            "data": {"size": 32, "channels": 3},
            "latent": 128,
            "rounds": 5,
            "generator": {"architecture": "resnet", "width": 256, "widest": 256},
            "discriminator": {"architecture": "resnet", "width": 128, "widest": 128},
            "generator_optimizer": {"learning_rate": 2e-4, "schedule": {"decay": "linear"}},
            "discriminator_optimizer": {"learning_rate": 2e-4, "schedule": {"decay": "linear"}},
            "training": {"batch_size": 64, "steps": 50000},
        },
    },
)
