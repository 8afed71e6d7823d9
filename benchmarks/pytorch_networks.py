"""The networks of this repository's plugins in PyTorch, layer for layer, from the same settings.

They are what a PyTorch user would write; sources are those that the plugins name. Pictures are
(batch, channels, height, width). `pytorch_speed.py` checks that the numbers of weights agree.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from gansuite_image.networks.widths import SMALLEST, widths
from gansuite_music.networks.critic import OCTAVE, SHORTEST, lags
from gansuite_music.networks.resolution import factors

QUIET = -3.0


class Up(nn.Module):
    """A residual block that doubles the size."""

    def __init__(self, before: int, after: int, norm: bool) -> None:
        super().__init__()
        kinds = (nn.BatchNorm2d if norm else nn.Identity,) * 2
        self.first_norm, self.second_norm = kinds[0](before), kinds[1](after)
        self.first = nn.Conv2d(before, after, 3, padding=1, bias=not norm)
        self.second = nn.Conv2d(after, after, 3, padding=1, bias=not norm)
        self.short = nn.Conv2d(before, after, 1, bias=not norm)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        inner = functional.interpolate(functional.relu(self.first_norm(features)), scale_factor=2)
        inner = self.second(functional.relu(self.second_norm(self.first(inner))))
        return functional.interpolate(self.short(features), scale_factor=2) + inner


class Down(nn.Module):
    """A residual block that halves the size, or keeps it."""

    def __init__(self, before: int, after: int, *, first: bool = False, halve: bool = True) -> None:
        super().__init__()
        self.is_first, self.halve = first, halve
        self.first = nn.Conv2d(before, after, 3, padding=1)
        self.second = nn.Conv2d(after, after, 3, padding=1)
        self.short = nn.Conv2d(before, after, 1) if halve else nn.Identity()

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        inner = self.first(features if self.is_first else functional.relu(features))
        inner = self.second(functional.relu(inner))
        if not self.halve:
            return features + inner
        return functional.avg_pool2d(inner, 2) + self.short(functional.avg_pool2d(features, 2))


class Pooled(nn.Module):
    """Sums over all places."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return functional.relu(features).sum((2, 3))


def resnet_generator(config: Any) -> nn.Module:
    """Noise (batch, latent) to pictures."""
    network, data = config.generator, config.data
    channels = widths(network, data.size)
    last = channels[-1]
    blocks = [
        Up(before, after, network.batch_norm)
        for before, after in zip([last, *channels[:0:-1]], channels[::-1], strict=True)
    ]
    return nn.Sequential(
        nn.Linear(config.latent, SMALLEST**2 * last, bias=False), nn.Unflatten(1, (last, SMALLEST, SMALLEST)),
        *blocks, nn.BatchNorm2d(channels[0]) if network.batch_norm else nn.Identity(), nn.ReLU(),
        nn.Conv2d(channels[0], data.channels, 3, padding=1), nn.Tanh(),
    )  # fmt: skip


def resnet_critic(config: Any) -> nn.Module:
    """Pictures to scores (batch,)."""
    network, data = config.discriminator, config.data
    channels, size, before = widths(network, data.size), data.size, data.channels
    blocks: list[nn.Module] = []
    while size > 8 or not blocks:
        blocks.append(Down(before, channels[0], first=not blocks))
        before, size = channels.pop(0), size // 2
    blocks += [Down(before, before, halve=False) for _ in range(2)]
    return nn.Sequential(*blocks, Pooled(), nn.Linear(before, 1, bias=False), nn.Flatten(0))


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


def patchgan(config: Any) -> nn.Module:
    """Two pictures beside each other, by channels, to logits of patches."""
    network, before = config.discriminator, config.discriminator.width
    layers: list[nn.Module] = [nn.Conv2d(2 * config.data.channels, before, 4, 2, 1), nn.LeakyReLU(0.2)]
    for level in range(1, network.layers + 1):
        after = network.width * min(1 << level, 8)
        layers += [nn.Conv2d(before, after, 4, 2 if level < network.layers else 1, 1, bias=False)]
        layers += [nn.InstanceNorm2d(after, affine=True), nn.LeakyReLU(0.2)]
        before = after
    return nn.Sequential(*layers, nn.Conv2d(before, 1, 4, 1, 1))


class MusicGenerator(nn.Module):
    """Latents (batch, n) to soft piano-rolls (batch, steps, tracks, pitches)."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config
        size, kinds, data = config.generator, config.latents, config.data
        self.tracks = len(config.tracks)
        width = self.tracks * size.embedding
        beats = data.bars * data.beats_per_bar
        self.beats = nn.Linear(kinds.shared + kinds.bar, data.beats_per_bar * size.channels)
        self.own = nn.Linear(kinds.track + kinds.track_bar, data.beats_per_bar * size.embedding)
        self.positions = nn.Parameter(torch.zeros(beats, size.channels))
        self.beat = nn.Conv1d(size.channels, size.channels, 3, padding=1)
        self.beat_tracks = nn.Linear(size.channels, width)
        self.factors = factors(data.steps_per_beat)
        channels = [max(size.channels >> level, 32) for level in range(len(self.factors))]
        befores = [size.channels, *channels[:-1]]
        self.fine = nn.ModuleList(
            nn.Conv1d(a, b, 3, padding=1) for a, b in zip(befores, channels, strict=True)
        )
        self.fine_tracks = nn.ModuleList(nn.Linear(one, width) for one in channels)
        self.pitches = nn.Linear(width, self.tracks * (config.pitches.count + 1))
        self.register_buffer("one_voice", torch.tensor([track.voices == "one" for track in config.tracks]))

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        """Return phrases of latents, which are laid out as the plugin's."""
        kinds, data, size = self.config.latents, self.config.data, self.config.generator
        bars, tracks, rows = data.bars, self.tracks, len(latents)
        sizes = [kinds.shared, bars * kinds.bar, tracks * kinds.track, bars * tracks * kinds.track_bar]
        shared, bar, track, track_bar = latents.split(sizes, 1)
        shared = torch.cat([shared[:, None].expand(-1, bars, -1), bar.reshape(rows, bars, -1)], -1)
        track = track.reshape(rows, 1, tracks, -1).expand(-1, bars, -1, -1)
        own = torch.cat([track, track_bar.reshape(rows, bars, tracks, -1)], -1)
        features = self.beats(shared).reshape(rows, bars * data.beats_per_bar, size.channels)
        features = functional.leaky_relu(features + self.positions, 0.2)
        features = functional.leaky_relu(self.beat(features.transpose(1, 2)), 0.2)
        of_tracks = self.own(own).reshape(rows, bars, tracks, data.beats_per_bar, size.embedding)
        of_tracks = of_tracks.transpose(2, 3).reshape(rows, bars * data.beats_per_bar, -1)
        of_tracks = of_tracks + self.beat_tracks(features.transpose(1, 2))
        for factor, fine, to_tracks in zip(self.factors, self.fine, self.fine_tracks, strict=True):
            features = functional.leaky_relu(fine(functional.interpolate(features, scale_factor=factor)), 0.2)
            of_tracks = of_tracks.repeat_interleave(factor, 1) + to_tracks(features.transpose(1, 2))
        logits = self.pitches(of_tracks).reshape(rows, data.steps, tracks, -1)
        alone = logits.softmax(-1)[..., :-1]
        if bool(self.one_voice.all()):
            return alone
        return torch.where(self.one_voice[:, None], alone, (logits[..., :-1] + QUIET).sigmoid())


class MusicCritic(nn.Module):
    """Soft piano-rolls to scores (batch,)."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        data, size, tracks = config.data, config.critic, len(config.tracks)
        count = config.pitches.count
        self.embed = nn.Linear(tracks * count, tracks * size.embedding, bias=False)
        classes = (config.pitches.low + torch.arange(count)) % OCTAVE
        self.register_buffer("fold", torch.eye(OCTAVE)[classes])
        self.register_buffer(
            "melodic", 1.0 - torch.tensor([float(track.drum) for track in config.tracks])[:, None]
        )
        self.lags = lags(data.steps_per_beat, data.steps)
        before = tracks * (size.embedding + OCTAVE + len(self.lags))
        steps, channels, layers = data.steps, size.channels, []
        while steps > SHORTEST:
            layers += [
                nn.ConstantPad1d((0, 2 + steps % 2), 0.0),
                nn.Conv1d(before, channels, 4, 2),
                nn.LeakyReLU(0.2),
            ]
            before, channels, steps = channels, min(2 * channels, max(256, size.channels)), -(-steps // 2)
        self.over_time = nn.Sequential(
            *layers, nn.Flatten(), nn.Linear(before * steps, size.channels), nn.LeakyReLU(0.2),
            nn.Linear(size.channels, 1, bias=False), nn.Flatten(0),
        )  # fmt: skip

    def forward(self, rolls: torch.Tensor) -> torch.Tensor:
        chroma = (rolls @ self.fold) * self.melodic
        held = [
            (rolls * functional.pad(rolls, (0, 0, 0, 0, lag, 0))[:, : rolls.shape[1]]).sum(-1)
            for lag in self.lags
        ]
        views = torch.cat([self.embed(rolls.flatten(2)), chroma.flatten(2), *held], -1)
        return self.over_time(views.transpose(1, 2))


def count(*networks: nn.Module) -> int:
    """Return how many weights are trained."""
    return sum(weight.numel() for network in networks for weight in network.parameters())
