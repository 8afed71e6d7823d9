"""The peers of the image GANs: noise goes in and pictures come out.

Settings are those that the papers published, but `wgan` plays at the plugin's default of 32 × 32, and `sngan`
with half of the channels and a quarter of the batch, so that a step takes seconds. Nothing is measured of
`anogan`: its domain takes networks and phase from `dcgan`'s as they are, and adds what a trained run does.
"""

from __future__ import annotations

from typing import Any

import torch

from peers.case import Case, Form, Step, count
from peers.image_networks import build_discriminator, build_generator
from peers.playing import RULES, adversarial, optimizer_of

TINY = ("data.size=16", "generator.width=4", "discriminator.width=4", "training.batch_size=4")
DENSE = ("generator.width=8", "discriminator.width=4", "training.batch_size=4")


def play(config: Any, form: Form) -> tuple[Step, int]:
    """Return the game of any image GAN; of one class or several, which stay the same from step to step."""
    data, rows = config.data, config.training.batch_size
    generator = form.placed(build_generator(config))
    discriminator = form.placed(build_discriminator(config))
    optimizers = (
        optimizer_of(config.generator_optimizer, generator),
        optimizer_of(config.discriminator_optimizer, discriminator),
    )
    real = form.laid_out(torch.rand(rows, data.channels, data.size, data.size) * 2 - 1)
    labels = (torch.randint(data.classes, [rows]),) if data.classes else ()
    step = adversarial(
        lambda: generator(torch.randn(rows, config.latent), *labels),
        discriminator,
        lambda pictures: discriminator(pictures, *labels).float(),
        real, form, rule=RULES[config.loss], optimizers=optimizers, rounds=config.rounds,
        penalty=config.penalty.weight if config.penalty.kind == "gradient" else 0.0,
        clip=config.discriminator.clip,
    )  # fmt: skip
    return step, count(generator, discriminator)


CASES = {
    "gan": Case(
        plugin="gan", peer=play, small=DENSE, pictures=False,
        settings=(
            "data={size=32,channels=1}", "training.batch_size=100", "latent=100",
            "generator={width=1200,layers=2}", "discriminator={width=240,layers=2}",
        ),
    ),
    "cgan": Case(
        plugin="cgan", peer=play, small=DENSE, pictures=False,
        settings=(
            "data={size=32,channels=1,classes=10}", "training.batch_size=100", "latent=100",
            "generator={architecture='mlp',width=1200,layers=2,batch_norm=false,corners='sharp'}",
            "discriminator={architecture='mlp',width=240,layers=2,batch_norm=false,condition='concat'}",
        ),
    ),
    "dcgan": Case(
        plugin="dcgan", peer=play, small=TINY,
        settings=(
            "data={size=64,channels=3}", "training.batch_size=64", "latent=100",
            "generator={width=64,widest=512,corners='sharp'}",
            "discriminator={width=64,widest=512,corners='sharp'}",
        ),
    ),
    "wgan": Case(
        plugin="wgan", peer=play, small=(*TINY, "rounds=2"),
        settings=(
            "data={size=32,channels=3}", "training.batch_size=64", "latent=100", "rounds=5",
            "generator={width=64,widest=512}", "discriminator={width=64,widest=512,clip=0.01}",
        ),
    ),
    "wgan-gp": Case(
        plugin="wgan-gp", peer=play, small=(*TINY, "rounds=1"), compiles=False,
        settings=(
            "data={size=32,channels=3}", "training.batch_size=64", "latent=128", "rounds=5",
            "generator={width=128,widest=128}", "discriminator={width=128,widest=128}",
        ),
    ),
    "sngan": Case(
        plugin="sngan", peer=play, small=(*TINY, "rounds=1"),
        settings=(
            "data={size=32,channels=3}", "training.batch_size=16", "latent=128", "rounds=5",
            "generator={width=128,widest=128}", "discriminator={width=64,widest=64}",
        ),
    ),
}  # fmt: skip
