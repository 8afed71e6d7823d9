"""Networks of image GANs: dense ones, those of DCGAN, and residual ones; told a class or not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from gansuite_image.networks.mlp import PIECES
from gansuite_image.networks.widths import SMALLEST, widths

sys.path.append(str(Path(__file__).resolve().parents[1] / "claims"))

import pytorch_dcgan


def build_generator(config: Any) -> nn.Module:
    """Noise (batch, latent) to pictures."""
    network, data = config.generator, config.data
    latent = config.latent + data.classes
    if network.architecture == "mlp":
        made = dense_generator(network, latent, data)
    elif network.architecture == "dcgan":
        made = pytorch_dcgan.generator(latent, network, data.size, data.channels)
    else:
        made = resnet_generator(network, latent, data)
    return Told(made, data.classes) if data.classes else made


def build_discriminator(config: Any) -> nn.Module:
    """Pictures to logits, or scores, (batch,)."""
    network, data = config.discriminator, config.data
    channels, bias = data.channels + data.classes, config.loss != "wasserstein"
    if network.architecture == "mlp":
        made = dense_discriminator(network, channels * data.size**2, bias)
    elif network.architecture == "dcgan":
        made = pytorch_dcgan.discriminator(network, data.size, channels, bias=bias)
    else:
        seen, features = resnet_features(network, data.size, channels, flat=network.flat)
        made = nn.Sequential(*seen, nn.Linear(features, 1, bias=bias), nn.Flatten(0))
    made = divided(made) if network.spectral_norm else made
    return Told(made, data.classes) if data.classes else made


class Told(nn.Module):
    """A network that has a class beside its inputs: numbers beside numbers, channels beside channels."""

    def __init__(self, network: nn.Module, classes: int) -> None:
        super().__init__()
        self.network, self.classes = network, classes

    def forward(self, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        sides = inputs.shape[2:]
        told = functional.one_hot(labels, self.classes).to(inputs.dtype)
        told = told.reshape(*told.shape, *[1] * len(sides)).expand(-1, -1, *sides)
        return self.network(torch.cat([inputs, told], 1))


class Maxout(nn.Module):
    """The largest of so many neighbouring numbers."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features.unflatten(1, (-1, PIECES)).max(-1).values


def dense_generator(network: Any, latent: int, data: Any) -> nn.Module:
    """Hidden layers with ReLU."""
    layers: list[nn.Module] = []
    for before in [latent, *[network.width] * (network.layers - 1)]:
        layers += [nn.Linear(before, network.width), nn.ReLU()]
    shape = (data.channels, data.size, data.size)
    return nn.Sequential(
        *layers, nn.Linear(network.width, data.channels * data.size**2), nn.Tanh(), nn.Unflatten(1, shape)
    )


def dense_discriminator(network: Any, inputs: int, bias: bool) -> nn.Module:
    """Hidden layers of maxout units."""
    layers: list[nn.Module] = [nn.Flatten()]
    for before in [inputs, *[network.width] * (network.layers - 1)]:
        layers += [nn.Linear(before, network.width * PIECES), Maxout()]
    return nn.Sequential(*layers, nn.Linear(network.width, 1, bias=bias), nn.Flatten(0))


class Up(nn.Module):
    """A residual block that doubles the size."""

    def __init__(self, before: int, after: int, norm: bool) -> None:
        super().__init__()
        kind = nn.BatchNorm2d if norm else nn.Identity
        self.first_norm = kind(before)
        self.first = nn.Conv2d(before, after, 3, padding=1, bias=not norm)
        self.second_norm = kind(after)
        self.second = nn.Conv2d(after, after, 3, padding=1, bias=not norm)
        self.short = nn.Conv2d(before, after, 1, bias=not norm)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        inner = functional.interpolate(functional.relu(self.first_norm(features)), scale_factor=2)
        inner = self.second(functional.relu(self.second_norm(self.first(inner))))
        return functional.interpolate(self.short(features), scale_factor=2) + inner


class Down(nn.Module):
    """A residual block that halves the size, or keeps it."""

    def __init__(
        self, before: int, after: int, *, norm: bool, first: bool = False, halve: bool = True
    ) -> None:
        super().__init__()
        kind = nn.BatchNorm2d if norm else nn.Identity
        self.is_first, self.halve = first, halve
        self.first_norm = nn.Identity() if first else kind(before)
        self.first = nn.Conv2d(before, after, 3, padding=1, bias=not norm)
        self.second_norm = kind(after)
        self.second = nn.Conv2d(after, after, 3, padding=1, bias=not norm)
        self.short = nn.Conv2d(before, after, 1, bias=not norm) if halve else nn.Identity()

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        inner = self.first(features if self.is_first else functional.relu(self.first_norm(features)))
        inner = self.second(functional.relu(self.second_norm(inner)))
        if not self.halve:
            return features + inner
        return functional.avg_pool2d(inner, 2) + self.short(functional.avg_pool2d(features, 2))


class Pooled(nn.Module):
    """Sums over all places, or all of them beside each other."""

    def __init__(self, flat: bool) -> None:
        super().__init__()
        self.flat = flat

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        features = functional.relu(features)
        return features.flatten(1) if self.flat else features.sum((2, 3))


def resnet_generator(network: Any, latent: int, data: Any) -> nn.Module:
    """Residual blocks that double the size."""
    channels = widths(network, data.size)
    last = channels[-1]
    blocks = [
        Up(before, after, network.batch_norm)
        for before, after in zip([last, *channels[:0:-1]], channels[::-1], strict=True)
    ]
    return nn.Sequential(
        nn.Linear(latent, SMALLEST**2 * last, bias=False), nn.Unflatten(1, (last, SMALLEST, SMALLEST)),
        *blocks, nn.BatchNorm2d(channels[0]) if network.batch_norm else nn.Identity(), nn.ReLU(),
        nn.Conv2d(channels[0], data.channels, 3, padding=1), nn.Tanh(),
    )  # fmt: skip


def resnet_features(network: Any, size: int, before: int, *, flat: bool) -> tuple[list[nn.Module], int]:
    """Residual blocks that halve the size, and two more: layers from pictures to features, and how many."""
    channels, norm = widths(network, size), network.batch_norm
    blocks: list[nn.Module] = []
    while size > 8 or not blocks:
        blocks.append(Down(before, channels[0], norm=norm, first=not blocks))
        before, size = channels.pop(0), size // 2
    blocks += [Down(before, before, norm=norm, halve=False) for _ in range(2)]
    seen = before * size**2 if flat else before
    return [*blocks, nn.BatchNorm2d(before) if norm else nn.Identity(), Pooled(flat)], seen


def build_encoder(config: Any) -> nn.Module:
    """Pictures to latents (batch, latent), with residual blocks."""
    seen, features = resnet_features(config.encoder, config.data.size, config.data.channels, flat=True)
    return nn.Sequential(*seen, nn.Linear(features, config.latent))


def divided(network: nn.Module) -> nn.Module:
    """Divide the weights of every product by their largest singular value."""
    for layer in [*network.modules()]:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            spectral_norm(layer)
    return network
