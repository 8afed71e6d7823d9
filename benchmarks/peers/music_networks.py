"""Networks of music."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from gansuite_music.networks.critic import OCTAVE, SHORTEST, lags
from gansuite_music.networks.resolution import factors

QUIET = -3.0


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
