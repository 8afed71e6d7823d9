"""What this package announces; light, so that listing plugins imports nothing heavy."""

from __future__ import annotations

from gansuite.plugin import Plugin

anogan = Plugin(
    name="anogan",
    summary="Anomalies in pictures, by searching for the nearest one a GAN can make (Schlegl et al. 2017)",
    api=1,
    config="gansuite_anomaly.config:AnoGAN",
    domain="gansuite_anomaly.domain:AnoGANDomain",
    reads=("pictures",),
    flags={"normal": "data.normal"},
    use="detect RUN PICTURES -o FOLDER",
    presets={
        # Section 3: 64 × 64 grey patches, the networks of DCGAN, 500 steps of search, and 20 times through a
        # million patches, in batches as large as those of DCGAN's code.
        "paper": {
            "data": {"size": 64, "channels": 1},
            "latent": 100,
            "generator": {"width": 64, "widest": 512, "kernel": 5},
            "discriminator": {"width": 64, "widest": 512, "kernel": 5},
            "generator_optimizer": {"learning_rate": 2e-4},
            "discriminator_optimizer": {"learning_rate": 2e-4},
            "search": {"steps": 500, "starts": 1},
            "training": {"batch_size": 64, "steps": 312_500},
        },
    },
)

f_anogan = Plugin(
    name="f-anogan",
    summary="Anomalies in pictures, found at once by an encoder into a GAN's latents (Schlegl et al. 2019)",
    api=1,
    config="gansuite_anomaly.config:FAnoGAN",
    domain="gansuite_anomaly.domain:FAnoGANDomain",
    reads=("pictures",),
    flags={"normal": "data.normal"},
    use="detect RUN PICTURES -o FOLDER",
    presets={
        # Section 3.1: 64 × 64 grey patches, the residual networks of WGAN-GP. Optimizers and rounds are those
        # of the authors' code.
        "paper": {
            "data": {"size": 64, "channels": 1},
            "latent": 128,
            "rounds": 5,
            "generator": {"architecture": "resnet", "width": 64, "widest": 512},
            "discriminator": {"architecture": "resnet", "width": 64, "widest": 512},
            "encoder": {"architecture": "resnet", "width": 64, "widest": 512},
            "generator_optimizer": {"learning_rate": 1e-4, "beta_1": 0.0, "beta_2": 0.9},
            "discriminator_optimizer": {"learning_rate": 1e-4, "beta_1": 0.0, "beta_2": 0.9},
            "encoder_optimizer": {"kind": "rmsprop", "learning_rate": 5e-5, "beta_2": 0.9, "epsilon": 1e-5},
            "adversarial_steps": 100_000,
            "training": {"batch_size": 64, "steps": 150_000},
        },
    },
)
