"""The games of the two plugins as loops written by hand: what the shared loop is measured against.

Nothing of `gansuite.training`, `gansuite.game` and `gansuite.losses` is used here: one device, one
`tf.function` for one game, with the batch as a constant. The noise is drawn with TensorFlow's own
functions, from the seeds that `gansuite.noise` would take: the numbers are the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from gansuite.domain import Domain
from gansuite.noise import hash_name
from gansuite.precision import layer_precision, weight_dtype
from gansuite.settings import Optimizer
from gansuite_music.networks.generator import latent_size


class BareGame(ABC):
    """A game with a loop of its own.

    Args:
        domain: its networks are built here as the shared loop builds them: with the same first weights.
        batch: the batch of every step.

    Attributes:
        networks: by name.
        steps: int64 scalar variable, steps done.
        losses: (terms,), sums over all steps.
    """

    terms: int

    def __init__(self, domain: Domain, batch: Any) -> None:
        self.config = domain.config
        self.rows = self.config.training.batch_size
        precision = self.config.training.precision
        self.dtype = tf.as_dtype(weight_dtype(precision))
        keras.utils.set_random_seed(self.config.training.seed)
        with layer_precision(precision):
            self.networks = domain.networks()
        self.steps = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.losses = tf.Variable(tf.zeros(self.terms, self.dtype), trainable=False)
        self._batch = {key: tf.cast(value, self.dtype) for key, value in batch.items()}
        self._sources = [variable.value for variable in self.networks["generator"].variables]
        self._averages = [tf.Variable(source, trainable=False) for source in self._sources]

    @tf.function
    def _run(self, count: tf.Tensor) -> None:
        for _ in tf.range(count):
            self.losses.assign_add(self.step(self._batch))
            done = tf.cast(self.steps, tf.float32)
            keep = tf.minimum(self.config.training.average, (1.0 + done) / (10.0 + done))
            for average, source in zip(self._averages, self._sources, strict=True):
                average.assign_add((source - average) * tf.cast(1.0 - keep, self.dtype))
            self.steps.assign_add(1)

    def run(self, count: int) -> None:
        """Play some steps in one call, and wait for the last."""
        self._run(tf.constant(count, tf.int64))
        self.steps.numpy()

    @abstractmethod
    def step(self, batch: Any) -> tf.Tensor:
        """Play one step: (terms,), the losses."""

    def seed(self, name: str) -> tf.Tensor:
        """Return the seed of some noise in this step: int64 (2,)."""
        return tf.stack([tf.constant(hash_name(name) ^ self.config.training.seed, tf.int64), self.steps])

    def normal(self, name: str, size: int) -> tf.Tensor:
        """Draw standard normal numbers in float32: (rows, size) of the game's type."""
        return tf.cast(tf.random.stateless_normal([self.rows, size], self.seed(name)), self.dtype)


class BareDCGAN(BareGame):
    """The default game of dcgan: non-saturating losses."""

    terms = 3

    def __init__(self, domain: Domain, batch: Any) -> None:
        super().__init__(domain, batch)
        self.generator, self.discriminator = self.networks["generator"], self.networks["discriminator"]
        self.generator_adam = adam(self.config.generator_optimizer, self.generator)
        self.discriminator_adam = adam(self.config.discriminator_optimizer, self.discriminator)

    def step(self, batch: Any) -> tf.Tensor:
        """Move the discriminator, then the generator; return the loss terms, (3,)."""
        latents = self.normal("adversarial/discriminator/0/latents", self.config.latent)
        fakes = self.generator(latents, training=True)
        with tf.GradientTape() as tape:
            of_real = tf.reduce_mean(tf.nn.softplus(-self.discriminator(batch["examples"], training=True)))
            of_fake = tf.reduce_mean(tf.nn.softplus(self.discriminator(fakes, training=True)))
            loss = of_real + of_fake
        move(self.discriminator_adam, tape, loss, self.discriminator)
        latents = self.normal("adversarial/generator/0/latents", self.config.latent)
        with tf.GradientTape() as tape:
            logits = self.discriminator(self.generator(latents, training=True), training=True)
            fooled = tf.reduce_mean(tf.nn.softplus(-logits))
        move(self.generator_adam, tape, fooled, self.generator)
        return tf.stack([of_real, of_fake, fooled])


class BareMuseGAN(BareGame):
    """The default game of musegan: Wasserstein losses with gradient penalty."""

    terms = 3

    def __init__(self, domain: Domain, batch: Any) -> None:
        super().__init__(domain, batch)
        self.generator, self.critic = self.networks["generator"], self.networks["critic"]
        self.generator_adam = adam(self.config.generator.optimizer, self.generator)
        self.critic_adam = adam(self.config.critic.optimizer, self.critic)
        self.latents = latent_size(self.config)

    def step(self, batch: Any) -> tf.Tensor:
        rounds = self.config.critic.rounds
        of_rounds = [self._critic_round(batch["rolls"], number) for number in range(rounds)]
        latents = self.normal("adversarial/generator/0/latents", self.latents)
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(self.critic(self.generator(latents, training=True), training=True))
        move(self.generator_adam, tape, loss, self.generator)
        return tf.stack([*(tf.add_n(terms) / rounds for terms in zip(*of_rounds, strict=True)), loss])

    def _critic_round(self, real: tf.Tensor, number: int) -> Sequence[tf.Tensor]:
        latents = self.normal(f"adversarial/critic/{number}/latents", self.latents)
        fake = self.generator(latents, training=True)
        # Each row takes the first of the four numbers that one call of the generator makes.
        drawn = tf.random.stateless_uniform([self.rows, 4], self.seed(f"adversarial/critic/{number}/mix"))
        between = real + tf.cast(drawn, self.dtype)[:, 0][:, None, None, None] * (fake - real)
        with tf.GradientTape() as tape:
            of_real, of_fake = tf.split(self.critic(tf.concat([real, fake], axis=0), training=True), 2)
            distance = tf.reduce_mean(of_fake) - tf.reduce_mean(of_real)
            with tf.GradientTape() as slope_tape:
                slope_tape.watch(between)
                scores = self.critic(between, training=True)
            slopes = slope_tape.gradient(scores, between)
            norms = tf.sqrt(tf.reduce_sum(tf.square(slopes), axis=[1, 2, 3]) + 1e-12)
            penalty = tf.reduce_mean(tf.square(norms - 1.0))
            loss = distance + self.config.critic.penalty * penalty
        move(self.critic_adam, tape, loss, self.critic)
        return distance, penalty


def adam(settings: Optimizer, network: keras.Model) -> keras.optimizers.Adam:
    """Make the optimizer of a network."""
    optimizer = keras.optimizers.Adam(
        settings.learning_rate, beta_1=settings.beta_1, beta_2=settings.beta_2, epsilon=settings.epsilon
    )
    optimizer.build(network.trainable_weights)
    return optimizer


def move(optimizer: keras.Optimizer, tape: tf.GradientTape, loss: tf.Tensor, network: keras.Model) -> None:
    """Move a network against a loss."""
    weights = network.trainable_weights
    optimizer.apply(tape.gradient(loss, weights), weights)


#: By the plugin's name.
BARE_GAMES: dict[str, type[BareGame]] = {"dcgan": BareDCGAN, "musegan": BareMuseGAN}
