"""The peer of `musegan`: phrases of music."""

from __future__ import annotations

from typing import Any

import torch

from gansuite_music.networks.generator import latent_size
from peers.case import Case, Form, Step, count
from peers.music_networks import MusicCritic, MusicGenerator
from peers.playing import RULES, adversarial, optimizer_of


def musegan(config: Any, form: Form) -> tuple[Step, int]:
    """Return the game of soft piano-rolls."""
    rows, data, tracks = config.training.batch_size, config.data, len(config.tracks)
    generator, critic = MusicGenerator(config), MusicCritic(config)
    latent = latent_size(config)
    real = (torch.rand(rows, data.steps, tracks, config.pitches.count) < 0.05).float()
    optimizers = (
        optimizer_of(config.generator.optimizer, generator), optimizer_of(config.critic.optimizer, critic)
    )  # fmt: skip
    step = adversarial(
        lambda: generator(torch.randn(rows, latent)), critic, lambda rolls: critic(rolls).float(), real, form,
        rule=RULES["wasserstein"], optimizers=optimizers, rounds=config.critic.rounds,
        penalty=config.critic.penalty,
    )  # fmt: skip
    return step, count(generator, critic)


CASES = {
    "musegan": Case(
        plugin="musegan", peer=musegan, promise=1.2, compiles=False, pictures=False,
        small=("generator.channels=8", "critic={channels=8,rounds=1}", "training.batch_size=4"),
    ),
}  # fmt: skip
