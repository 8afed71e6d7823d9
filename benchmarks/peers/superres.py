"""The peers of super-resolution, at the published sizes; the second phase has half of the batch."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from peers.case import Case, Form, Step, count
from peers.playing import RULES, moved, optimizer_of

SLOPE = 0.2
STAGES = 4


class Residual(nn.Module):
    """What is added to its inputs."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features + self.layers(features)


def srresnet(config: Any) -> nn.Module:
    """Small pictures to pictures four times as high and wide: SRResNet as published."""
    network = config.generator
    width, ends = network.width, network.ends

    def normalised() -> list[nn.Module]:
        return [nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)]

    blocks = [Residual(*normalised(), nn.PReLU(width), *normalised()) for _ in range(network.blocks)]
    larger: list[nn.Module] = []
    for _ in range(2):
        larger += [nn.Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2), nn.PReLU(width)]
    return nn.Sequential(
        nn.Conv2d(3, width, ends, padding=ends // 2), nn.PReLU(width), Residual(*blocks, *normalised()),
        *larger, nn.Conv2d(width, 3, ends, padding=ends // 2),
    )  # fmt: skip


class Judge(nn.Module):
    """Pictures to logits (batch,) and the features of four stages."""

    def __init__(self, network: Any, crop: int) -> None:
        super().__init__()
        self.stages, before = nn.ModuleList(), 3
        for stage in range(STAGES):
            layers: list[nn.Module] = []
            for strides in (1, 2):
                after, norm = network.width << stage, network.batch_norm and before != 3
                layers.append(nn.Conv2d(before, after, 3, strides, 1, bias=not norm))
                layers += [nn.BatchNorm2d(after)] if norm else []
                layers.append(nn.LeakyReLU(SLOPE))
                before = after
            self.stages.append(nn.Sequential(*layers))
        places = (crop >> STAGES) ** 2
        self.logits = nn.Sequential(
            nn.Flatten(), nn.Linear(before * places, network.dense), nn.LeakyReLU(SLOPE),
            nn.Linear(network.dense, 1), nn.Flatten(0),
        )  # fmt: skip

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        features, seen = pictures, []
        for stage in self.stages:
            features = stage(features)
            seen.append(features)
        return self.logits(features), seen


def content(config: Any, form: Form) -> tuple[Step, int]:
    """Return the first phase: the generator alone."""
    generator = form.placed(srresnet(config))
    optimizer = optimizer_of(config.content.optimizer, generator)
    low, high = crops(config, form)

    def step() -> None:
        with form.arithmetic():
            loss = functional.mse_loss(generator(low).float(), high)
        moved(optimizer, loss)

    return step, count(generator)


def adversarial(config: Any, form: Form) -> tuple[Step, int]:
    """Return the second phase, with its default losses: pixels, and what the discriminator sees."""
    generator = form.placed(srresnet(config))
    discriminator = form.placed(Judge(config.discriminator, config.data.crop))
    settings, rule = config.adversarial, RULES[config.adversarial.loss]
    with_it = optimizer_of(settings.generator_optimizer, generator)
    against = optimizer_of(settings.discriminator_optimizer, discriminator)
    low, high = crops(config, form)

    def likeness(stages: list[torch.Tensor]) -> torch.Tensor:
        with torch.no_grad():
            _, wanted = discriminator(high)
        pairs = zip(stages, wanted, strict=True)
        return sum(functional.mse_loss(one.float(), other.float()) for one, other in pairs)

    def step() -> None:
        """The discriminator, then the generator."""
        with form.arithmetic():
            with torch.no_grad():
                fake = generator(low)
            loss = rule.real(discriminator(high)[0].float()) + rule.fake(discriminator(fake)[0].float())
        moved(against, loss)
        with form.arithmetic():
            made = generator(low)
            logits, stages = discriminator(made)
            loss = settings.weight * rule.generator(logits.float())
            loss = loss + settings.pixels * functional.mse_loss(made.float(), high)
            loss = loss + config.perceptual.weight * likeness(stages)
        moved(with_it, loss)

    return step, count(generator, discriminator)


def crops(config: Any, form: Form) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a batch of small pictures, and of large ones."""
    rows, data = config.training.batch_size, config.data
    low, high = (
        form.laid_out(torch.rand(rows, 3, side, side) * 2 - 1) for side in (data.low_crop, data.crop)
    )
    return low, high


#: Section 3.2 of the paper.
PUBLISHED = (
    "data={scale=4,crop=96}", "training.batch_size=16",
    "generator={blocks=16,width=64,ends=9,batch_norm=true,activation='prelu'}",
    "generator={upsampling='stepwise',bicubic=false}",
    "discriminator={width=64,dense=1024,batch_norm=true}",
)  # fmt: skip
SMALL = (
    "data.crop=16", "generator={blocks=1,width=4}", "discriminator={width=4,dense=8}", "training.batch_size=2"
)  # fmt: skip
CASES = {
    "srresnet": Case(plugin="srgan", peer=content, settings=PUBLISHED, small=SMALL),
    "srgan": Case(
        plugin="srgan", peer=adversarial, settings=(*PUBLISHED, "training.batch_size=8"), small=SMALL, phase=1
    ),
}
