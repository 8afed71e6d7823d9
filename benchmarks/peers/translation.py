"""The peers of translations: `pix2pix`, and `cyclegan` at 128 × 128 with the blocks published for that.

Without an identity loss, as most of the paper's translators learned.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from peers.case import Case, Form, Step, count
from peers.playing import RULES, moved, optimizer_of
from peers.translation_networks import patchgan, resnet, unet


def pix2pix(config: Any, form: Form) -> tuple[Step, int]:
    """Return the game with a conditional loss and L1; each player translates for itself."""
    generator = form.placed(unet(config))
    discriminator = form.placed(patchgan(config.discriminator, 2 * config.data.channels))
    with_it = optimizer_of(config.generator_optimizer, generator)
    against = optimizer_of(config.discriminator_optimizer, discriminator)
    inputs, targets = sides(config, form)
    rule = RULES[config.loss]

    def judged(pictures: torch.Tensor) -> torch.Tensor:
        return discriminator(torch.cat([inputs, pictures], 1)).float()

    def step() -> None:
        with form.arithmetic():
            with torch.no_grad():
                fake = generator(inputs)
            loss = rule.real(judged(targets)) + rule.fake(judged(fake))
        moved(against, 0.5 * loss)
        with form.arithmetic():
            fake = generator(inputs)
            loss = config.adversarial * rule.generator(judged(fake))
            loss = loss + config.l1 * functional.l1_loss(fake.float(), targets)
        moved(with_it, loss)

    return step, count(generator, discriminator)


def cyclegan(config: Any, form: Form) -> tuple[Step, int]:
    """Return the game of two judges, one after the other, and both translators together."""
    there, back = (form.placed(resnet(config)) for _ in range(2))
    judges = [form.placed(patchgan(config.discriminator, config.data.channels)) for _ in range(2)]
    against_b, against_a = (optimizer_of(config.discriminator_optimizer, judge) for judge in judges)
    with_them = optimizer_of(config.generator_optimizer, there, back)
    a, b = sides(config, form)
    rule = RULES[config.loss]
    judge_b, judge_a = judges
    ways = ((there, back, a, b, judge_b, against_b), (back, there, b, a, judge_a, against_a))

    def step() -> None:
        """Both judges, then both translators."""
        for go, _, source, wanted, judge, against in ways:
            with form.arithmetic():
                with torch.no_grad():
                    fake = go(source)
                loss = rule.real(judge(wanted).float()) + rule.fake(judge(fake).float())
            moved(against, loss)
        loss = torch.zeros([])
        for go, undo, source, wanted, judge, _ in ways:
            with form.arithmetic():
                made = go(source)
                loss = loss + config.adversarial * rule.generator(judge(made).float())
                loss = loss + config.cycle * functional.l1_loss(undo(made).float(), source)
                if config.identity:
                    loss = loss + config.identity * functional.l1_loss(go(wanted).float(), wanted)
        moved(with_them, loss)

    return step, count(there, back, *judges)


def sides(config: Any, form: Form) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a batch of each side."""
    rows, data = config.training.batch_size, config.data
    a, b = (form.laid_out(torch.rand(rows, data.channels, data.size, data.size) * 2 - 1) for _ in range(2))
    return a, b


CASES = {
    "pix2pix": Case(
        plugin="pix2pix", peer=pix2pix,
        small=("data.size=64", "generator.width=4", "discriminator={width=4,layers=2}"),
        settings=(
            "data.size=256", "training.batch_size=1", "generator={width=64,dropout=0.5}",
            "discriminator={width=64,layers=3}",
        ),
    ),
    "cyclegan": Case(
        plugin="cyclegan", peer=cyclegan,
        small=("data.size=16", "generator={width=4,blocks=1}", "discriminator={width=4,layers=1}"),
        settings=(
            "data.size=128", "training.batch_size=1", "generator={kind='resnet',width=64,blocks=6}",
            "discriminator={width=64,layers=3}", "identity=0",
        ),
    ),
}  # fmt: skip
