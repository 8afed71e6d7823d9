"""What this package announces; light, so that listing plugins imports nothing heavy."""

from __future__ import annotations

from gansuite.plugin import Plugin

pix2pix = Plugin(
    name="pix2pix",
    summary="Pictures translated into pictures, learned from pairs (Isola et al. 2017)",
    api=1,
    config="gansuite_translation.config:Pix2Pix",
    domain="gansuite_translation.domain:Pix2PixDomain",
    reads=("pairs of pictures",),
    flags={"direction": "data.direction"},
    use="translate RUN PICTURES -o FOLDER",
    # How long is said by the cards of the data sets: 200 times the pictures there are, in all three.
    presets={
        "paper": {
            "data": {"size": 256, "jitter": 30, "fit": "stretch", "flip": True},
            "generator": {"width": 64, "dropout": 0.5},
            "discriminator": {"width": 64, "layers": 3},
            "generator_optimizer": {"learning_rate": 2e-4},
            "discriminator_optimizer": {"learning_rate": 2e-4},
            "training": {"batch_size": 1, "average": 0.0},
        },
        "paper-128": {
            "data": {"size": 128, "jitter": 15, "fit": "stretch", "flip": True},
            "generator": {"width": 64, "dropout": 0.5},
            "discriminator": {"width": 64, "layers": 3},
            "generator_optimizer": {"learning_rate": 2e-4},
            "discriminator_optimizer": {"learning_rate": 2e-4},
            "training": {"batch_size": 1, "average": 0.0},
        },
        "paper-64": {
            "data": {"size": 64, "jitter": 8, "fit": "stretch", "flip": True},
            "generator": {"width": 64, "dropout": 0.5},
            "discriminator": {"width": 64, "layers": 2},
            "generator_optimizer": {"learning_rate": 2e-4},
            "discriminator_optimizer": {"learning_rate": 2e-4},
            "training": {"batch_size": 1, "average": 0.0},
        },
    },
)

cyclegan = Plugin(
    name="cyclegan",
    summary="Pictures translated there and back, learned without pairs (Zhu et al. 2017)",
    api=1,
    config="gansuite_translation.config:CycleGAN",
    domain="gansuite_translation.cyclegan:CycleGANDomain",
    reads=("pairs of pictures", "two sets of pictures"),
    use="translate RUN PICTURES -o FOLDER",
    presets={
        "paper": {
            "data": {"size": 256, "jitter": 30, "fit": "stretch", "flip": True},
            "generator": {"kind": "resnet", "width": 64, "blocks": 9, "dropout": 0.0},
            "discriminator": {"width": 64, "layers": 3},
            # Section 7.1: the rate stays for the first half, then falls to 0.
            "generator_optimizer": {"schedule": {"decay": "linear", "hold": 0.5}},
            "discriminator_optimizer": {"schedule": {"decay": "linear", "hold": 0.5}},
            "training": {"batch_size": 1, "average": 0.0},
        },
    },
)
