"""A domain small enough to train in a test: points on a ring, a perceptron each, batch normalisation."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gansuite.domain import Arrays, Domain, Endpoint, Evaluation, Preview, Score, Split
from gansuite.game import Phase, Player, Turn
from gansuite.layers.batch_norm import BatchNormalization
from gansuite.losses.penalties import gradient_penalty
from gansuite.noise import Noise, normal_for_seeds
from gansuite.precision import full
from gansuite.settings import Optimizer
from ring_settings import Ring

LATENTS = 4


class Points:
    """Points on a circle, with a little noise of their own at every look."""

    size = 100
    spec = tf.TensorSpec([2], tf.float32)

    def load(self, indices: tf.Tensor, noise: Noise) -> tf.Tensor:
        # In float32, sines of a row depend on how many rows there are.
        angle = tf.cast(indices, tf.float64) * (2 * np.pi / self.size)
        points = tf.cast(tf.stack([tf.cos(angle), tf.sin(angle)], axis=1), tf.float32)
        return points + 0.01 * noise.normal("jitter", [2])


class RingDomain(Domain):
    """Points on a ring."""

    averaged = ("generator",)
    config: Ring

    def examples(self, split: Split) -> Points:
        time.sleep(self.config.slow_to_load)
        return Points()

    def networks(self) -> dict[str, keras.Model]:
        """A generator of points from latents (batch, 4), and a critic of points (batch, 2)."""
        layers = keras.layers
        generator = keras.Sequential(
            [
                keras.Input([LATENTS]),
                layers.Dense(16, use_bias=False),
                BatchNormalization(),
                layers.LeakyReLU(),
                layers.Dense(2, dtype=full()),
            ]
        )
        critic = keras.Sequential(
            [
                keras.Input([2]),
                layers.Dense(16),
                layers.LeakyReLU(),
                layers.Dense(16),
                layers.LeakyReLU(),
                layers.Dense(1, dtype=full()),
            ]
        )
        return {"generator": generator, "critic": critic}

    def phases(self) -> Sequence[Phase]:
        """Critic and generator play, after a warm-up of the generator alone where one is asked for."""
        adam = Optimizer(learning_rate=1e-3)
        critic = Player(
            name="critic",
            trains=("critic",),
            loss=self.critic_loss,
            optimizer=adam,
            rounds=self.config.rounds,
        )
        generator = Player(name="generator", trains=("generator",), loss=generator_loss, optimizer=adam)
        play = Phase(name="play", players=(critic, generator))
        if not self.config.warm_up:
            return (play,)
        return (Phase(name="warm-up", players=(generator,), steps=self.config.warm_up), play)

    def critic_loss(self, turn: Turn) -> Mapping[str, tf.Tensor]:
        if self.config.wasserstein:
            return wasserstein(turn)
        real = turn.networks["critic"](turn.batch, training=True)
        unreal = turn.networks["critic"](made(turn), training=True)
        broken = tf.equal(turn.step, self.config.blow_up_at)
        if self.config.blow_up_alone:
            context = tf.distribute.get_replica_context()
            broken &= tf.equal(context.replica_id_in_sync_group, context.num_replicas_in_sync - 1)
        loss = tf.reduce_mean(tf.nn.softplus(-real) + tf.nn.softplus(unreal))
        return {"adversarial": tf.where(broken, tf.constant(np.inf, loss.dtype), 1.0) * loss}

    def endpoints(self) -> dict[str, Endpoint]:
        def sample(networks: Mapping[str, keras.Model], seed: tf.Tensor) -> dict[str, tf.Tensor]:
            latents = normal_for_seeds(seed, "latents", [LATENTS])
            return {"points": networks["generator"](latents, training=False)}

        return {"sample": Endpoint(function=sample, inputs={"seed": tf.TensorSpec([None], tf.int64)})}

    def preview(self) -> Preview:
        seeds = np.arange(4)
        return Preview(endpoint="sample", inputs={"seed": seeds}, names=[f"seed-{seed}" for seed in seeds])

    def render(self, outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
        file = folder / "points.csv"
        file.write_text("\n".join(f"{x},{y}" for x, y in self.config.scale * outputs["points"]))
        time.sleep(self.config.slow_to_draw)
        return [file]

    def remark(self, outputs: Arrays) -> str | None:
        return None if self.config.scale == 1 else f"drawn {self.config.scale} times as large"

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        """How far from the middle points are, beside held-out ones."""
        seeds = np.arange(evaluation.seed, evaluation.seed + evaluation.count)
        radius = np.linalg.norm(evaluation.call("sample", {"seed": seeds})["points"], axis=1)
        real = np.linalg.norm(evaluation.load("valid"), axis=1)
        return [
            Score(
                name="radius",
                value=radius.mean(),
                reference=real.mean(),
                meaning="mean distance from 0",
                better="closer",
            )
        ]


def made(turn: Turn) -> Any:
    latents = turn.noise.normal("latents", [LATENTS])
    return turn.networks["generator"](latents, training=True)


def wasserstein(turn: Turn) -> Mapping[str, tf.Tensor]:
    critic, points = turn.networks["critic"], made(turn)
    return {
        "real": -tf.reduce_mean(critic(turn.batch, training=True)),
        "fake": tf.reduce_mean(critic(points, training=True)),
        "penalty": gradient_penalty(critic, turn.batch, points, turn.noise.uniform("mix", [])),
    }


def generator_loss(turn: Turn) -> Mapping[str, tf.Tensor]:
    logits = turn.networks["critic"](made(turn), training=True)
    return {"adversarial": tf.reduce_mean(tf.nn.softplus(-logits))}
