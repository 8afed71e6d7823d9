"""A DCGAN in PyTorch, the equal of plugin `dcgan`: what another framework makes of the same minutes.

The same networks, weights' start, losses, optimizers, batches and running average. As PyTorch users write it,
a step makes one batch of fakes for both players, where the plugin makes one for each: it has less to do.

Source: Radford et al. 2016, arXiv:1511.06434.
"""

from __future__ import annotations

import copy
import time
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from gansuite_image.networks.widths import SMALLEST, widths

SLOPE = 0.2
ROWS_AT_A_TIME = 500


def train(config: Any, images: np.ndarray, *, minutes: float, steps: int | None = None) -> PyTorchDCGAN:
    """Learn to make pictures.

    Args:
        config: the settings of a run of `dcgan`.
        images: uint8 (n, size, size, channels).
        minutes: how long; looked at after every step.
        steps: stop after so many.
    """
    torch.manual_seed(config.training.seed)
    game = PyTorchDCGAN(config)
    pictures = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end and (steps is None or game.step < steps):
        order = torch.randperm(len(pictures))
        for rows in order.split(config.training.batch_size):
            game.play(pictures[rows].float() / 127.5 - 1)
            if time.monotonic() >= end or game.step == steps:
                break
    return game


class PyTorchDCGAN:
    """Both networks, their optimizers and the generator's running average."""

    def __init__(self, config: Any) -> None:
        data = config.data
        self._config = config
        self.generator = generator(config.latent, config.generator, data.size, data.channels)
        self.discriminator = discriminator(config.discriminator, data.size, data.channels)
        self.average = copy.deepcopy(self.generator).requires_grad_(False).eval()
        self._optimizers = [
            torch.optim.Adam(
                network.parameters(),
                lr=settings.learning_rate,
                betas=(settings.beta_1, settings.beta_2),
                eps=settings.epsilon,
            )
            for network, settings in (
                (self.discriminator, config.discriminator_optimizer),
                (self.generator, config.generator_optimizer),
            )
        ]
        self.step = 0

    def play(self, real: torch.Tensor) -> None:
        """Move the discriminator, then the generator, then the average."""
        fake = self.generator(torch.randn(len(real), self._config.latent))
        against, with_it = self._optimizers
        against.zero_grad(set_to_none=True)
        loss = functional.softplus(-self.discriminator(real)).mean()
        (loss + functional.softplus(self.discriminator(fake.detach())).mean()).backward()
        against.step()
        with_it.zero_grad(set_to_none=True)
        functional.softplus(-self.discriminator(fake)).mean().backward()
        with_it.step()
        self._follow()
        self.step += 1

    @torch.no_grad()
    def _follow(self) -> None:
        keep = min(self._config.training.average, (1 + self.step) / (10 + self.step))
        latest = self.generator.state_dict()
        for name, average in self.average.state_dict().items():
            if average.is_floating_point():
                average.lerp_(latest[name], 1 - keep)
            else:
                average.copy_(latest[name])

    @torch.no_grad()
    def sample(self, count: int) -> np.ndarray:
        """Make pictures with the average, float32 (count, size, size, channels) in [0, 1]."""
        noise = torch.randn(count, self._config.latent, generator=torch.Generator().manual_seed(0))
        made = torch.cat([self.average(rows) for rows in noise.split(ROWS_AT_A_TIME)])
        return np.asarray((made.permute(0, 2, 3, 1).numpy() + 1) / 2)


def generator(latent: int, network: Any, size: int, channels: int) -> nn.Sequential:
    """Return a network from noise (batch, latent) to pictures (batch, channels, size, size) in [-1, 1]."""
    between = widths(network, size)
    first = between[-1]
    layers: list[nn.Module] = [nn.Linear(latent, first * SMALLEST**2, bias=False)]
    layers += [nn.Unflatten(1, (first, SMALLEST, SMALLEST)), nn.BatchNorm2d(first, eps=1e-3), nn.ReLU()]
    for before, after in zip(between[:0:-1], between[-2::-1], strict=True):
        layers += [nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False)]
        layers += [nn.BatchNorm2d(after, eps=1e-3), nn.ReLU()]
    layers += [nn.ConvTranspose2d(between[0], channels, 4, 2, 1), nn.Tanh()]
    return _begun(nn.Sequential(*layers))


def discriminator(network: Any, size: int, channels: int, *, bias: bool = True) -> nn.Sequential:
    """Return a network from pictures to logits (batch,), with a bias or without one."""
    layers: list[nn.Module] = []
    before = channels
    for depth, width in enumerate(widths(network, size)):
        layers.append(nn.Conv2d(before, width, 4, 2, 1, bias=depth == 0))
        layers += [nn.BatchNorm2d(width, eps=1e-3)] if depth else []
        layers.append(nn.LeakyReLU(SLOPE))
        before = width
    layers += [nn.Flatten(), nn.Linear(before * SMALLEST**2, 1, bias=bias), nn.Flatten(0)]
    return _begun(nn.Sequential(*layers))


def _begun(network: nn.Sequential) -> nn.Sequential:
    for name, parameter in network.named_parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, 0.0, 0.02)
        elif name.endswith("weight"):
            nn.init.normal_(parameter, 1.0, 0.02)
        else:
            nn.init.zeros_(parameter)
    return network
