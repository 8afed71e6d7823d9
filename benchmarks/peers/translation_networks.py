"""Networks of translations: U-Nets, residual generators, and discriminators of patches."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn


class UNetLevel(nn.Module):
    """One level of a U-Net around those below it."""

    def __init__(
        self, outer: int, inner: int, below: nn.Module | None, *, dropout: float, top: bool = False
    ) -> None:
        super().__init__()
        down = nn.Conv2d(outer, inner, 4, 2, 1, bias=False)
        up = nn.ConvTranspose2d(inner if below is None else 2 * inner, outer, 4, 2, 1, bias=top)
        bend, norm = nn.LeakyReLU(0.2), nn.InstanceNorm2d(inner, affine=True)
        if top:
            layers = [down, below, nn.ReLU(), up, nn.Tanh()]
        else:
            layers = [bend, down, *([] if below is None else [norm, below]), nn.ReLU(), up]
            layers += [nn.InstanceNorm2d(outer, affine=True), *([nn.Dropout(dropout)] if dropout else [])]
        self.layers, self.top = nn.Sequential(*layers), top

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        made = self.layers(features)
        return made if self.top else torch.cat([made, features], 1)


def unet(config: Any) -> nn.Module:
    """Pictures to pictures."""
    network, data = config.generator, config.data
    levels = int(math.log2(data.size))
    widths = [min(network.width << level, 8 * network.width) for level in range(levels)]
    level: nn.Module | None = None
    for depth in range(levels - 1, 0, -1):
        dropout = network.dropout if depth > levels - 4 else 0.0
        level = UNetLevel(widths[depth - 1], widths[depth], level, dropout=dropout)
    return UNetLevel(data.channels, widths[0], level, dropout=0.0, top=True)


def patchgan(network: Any, channels: int) -> nn.Module:
    """Pictures, or two beside each other by channels, to logits of patches."""
    before = network.width
    layers: list[nn.Module] = [nn.Conv2d(channels, before, 4, 2, 1), nn.LeakyReLU(0.2)]
    for level in range(1, network.layers + 1):
        after = network.width * min(1 << level, 8)
        layers += [nn.Conv2d(before, after, 4, 2 if level < network.layers else 1, 1, bias=False)]
        layers += [nn.InstanceNorm2d(after, affine=True), nn.LeakyReLU(0.2)]
        before = after
    return nn.Sequential(*layers, nn.Conv2d(before, 1, 4, 1, 1))


class Residual(nn.Module):
    """Two convolutions with reflected borders, added to their inputs."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(1), *normalised(nn.Conv2d(width, width, 3, bias=False)), nn.ReLU(),
            nn.ReflectionPad2d(1), *normalised(nn.Conv2d(width, width, 3, bias=False)),
        )  # fmt: skip

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features + self.layers(features)


def resnet(config: Any) -> nn.Module:
    """Pictures to pictures, with residual blocks at a quarter of the size."""
    width, channels = config.generator.width, config.data.channels
    layers = [nn.ReflectionPad2d(3), *normalised(nn.Conv2d(channels, width, 7, bias=False)), nn.ReLU()]
    for before in (width, 2 * width):
        layers += [*normalised(nn.Conv2d(before, 2 * before, 3, 2, 1, bias=False)), nn.ReLU()]
    layers += [Residual(4 * width) for _ in range(config.generator.blocks)]
    for after in (2 * width, width):
        up = nn.ConvTranspose2d(2 * after, after, 3, 2, 1, output_padding=1, bias=False)
        layers += [*normalised(up), nn.ReLU()]
    return nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(width, channels, 7), nn.Tanh())


def normalised(layer: nn.Conv2d | nn.ConvTranspose2d) -> list[nn.Module]:
    """Return a convolution and what normalises each picture by itself."""
    return [layer, nn.InstanceNorm2d(layer.out_channels, affine=True)]
