"""The peers of anomaly detection: how `f-anogan`'s encoder learns, and how `anogan` searches for latents.

The encoder's settings are those that the paper published, with a quarter of the batch, so that a step takes
seconds.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from peers.case import Case, Form, Step, count
from peers.image_networks import build_discriminator, build_encoder, build_generator
from peers.playing import moved, optimizer_of


def encode(config: Any, form: Form) -> tuple[Step, int]:
    """Return the encoder's phase: generator and critic stay as they are."""
    data = config.data
    encoder = form.placed(build_encoder(config))
    generator = form.placed(still(build_generator(config)))
    look = form.placed(still(build_discriminator(config)[:-2]))
    optimizer = optimizer_of(config.encoder_optimizer, encoder)
    shape = (config.training.batch_size, data.channels, data.size, data.size)
    pictures = form.laid_out(torch.rand(shape) * 2 - 1)

    def step() -> None:
        with form.arithmetic():
            made = generator(encoder(pictures))
            with torch.no_grad():
                wanted = look(pictures).float()
            loss = functional.mse_loss(made.float(), pictures)
            loss = loss + config.weight * functional.mse_loss(look(made).float(), wanted)
        moved(optimizer, loss)

    return step, count(encoder)


def search(config: Any, form: Form) -> tuple[Step, int]:
    """Return one update of 64 latents by the pixels and the discriminator's features."""
    data = config.data
    generator, discriminator = still(build_generator(config)), still(build_discriminator(config))
    weights = count(generator, discriminator)
    generator, look = form.placed(generator), form.placed(discriminator[:-2])
    latents = torch.randn(64, config.latent, requires_grad=True)
    optimizer = torch.optim.Adam([latents], lr=config.search.learning_rate, fused=True)
    wanted = form.laid_out(torch.rand(64, data.channels, data.size, data.size) * 2 - 1)
    with torch.no_grad():
        features = look(wanted)
    share = config.search.weight

    def step() -> None:
        with form.arithmetic():
            made = generator(latents)
            loss = (1 - share) * (wanted - made).abs().sum() + share * (features - look(made)).abs().sum()
        moved(optimizer, loss.float())

    return step, weights


def still(network: nn.Module) -> nn.Module:
    """Leave a network as it is: no weights that move, and running statistics."""
    return network.eval().requires_grad_(False)


PUBLISHED = "architecture='resnet',width=64,widest=512"
SEARCH = "latent search"
CASES = {
    "f-anogan encoder": Case(
        plugin="f-anogan", peer=encode, phase=1,
        small=(
            "data.size=16", "training.batch_size=4", "generator={width=4,widest=8}",
            "discriminator={width=4,widest=8}", "encoder={width=4,widest=8}",
        ),
        settings=(
            "data={size=64,channels=1}", "training.batch_size=16", "latent=128", f"encoder={{{PUBLISHED}}}",
            f"generator={{{PUBLISHED}}}", f"discriminator={{{PUBLISHED}}}",
            "encoder_optimizer={kind='rmsprop',learning_rate=5e-5,beta_2=0.9}",
        ),
    ),
    SEARCH: Case(plugin="anogan", peer=search, promise=1.1),
}  # fmt: skip
