"""What this package announces; light, so that listing plugins imports nothing heavy."""

from __future__ import annotations

from gansuite.plugin import Plugin

srgan = Plugin(
    name="srgan",
    summary="Small pictures made large, with detail that looks real (Ledig et al. 2017)",
    api=1,
    config="gansuite_superres.config:SRGAN",
    domain="gansuite_superres.domain:SuperResolution",
    reads=("pictures",),
    use="upscale RUN PICTURES -o FOLDER",
    presets={
        # Sections 3.2 and 4: SRResNet, then SRGAN-VGG54.
        "paper": {
            "data": {"scale": 4, "crop": 96},
            "generator": {
                "blocks": 16, "width": 64, "ends": 9, "batch_norm": True, "activation": "prelu",
                "upsampling": "stepwise", "bicubic": False,
            },
            "discriminator": {"width": 64, "dense": 1024, "batch_norm": True},
            "content": {"loss": "l2", "steps": 1_000_000, "optimizer": {"learning_rate": 1e-4}},
            "perceptual": {"model": "vgg19", "layers": ["block5_conv4"], "weight": 1.0},
            "adversarial": {
                "loss": "non-saturating", "weight": 1e-3, "pixels": 0.0,
                "generator_optimizer": {
                    "learning_rate": 1e-4, "schedule": {"decay": "step", "begin": 100_000, "final": 0.1},
                },
                "discriminator_optimizer": {
                    "learning_rate": 1e-4, "schedule": {"decay": "step", "begin": 100_000, "final": 0.1},
                },
            },
            "training": {"batch_size": 16, "steps": 1_200_000},
        },
    },
)  # fmt: skip
