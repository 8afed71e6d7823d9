"""The search for the latents of the most similar picture that a generator can make.

Source: Schlegl et al. 2017, arXiv:1703.05921, section 2.2, eq. 2 to 5: only the latents move.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from gansuite.deterministic import value_and_slope
from gansuite.game import Networks
from gansuite.noise import Noise
from gansuite_anomaly.comparing import Look, absolute, looking
from gansuite_anomaly.config import Search
from gansuite_anomaly.folding import frozen

BETA_1 = 0.9
BETA_2 = 0.999
EPSILON = 1e-8
#: Pictures are searched in blocks of so many, filled up where there are fewer: arithmetic rounds differently
#: for other numbers of rows, and hundreds of steps make percents of that. On two cores a block of 64 takes
#: twice the time of one of 16.
BLOCK = 64


class LatentSearch:
    """Finds latents for many pictures at once; no picture's depend on another's.

    All is computed as generating does, with `training=False`. Each picture has an Adam of its own, and ends
    with the best latents it came by: the last ones are wherever the last update happened to lead.

    Args:
        networks: a `generator` and a `discriminator`, which stay as they are.
        settings: how to search.
        latent: how many numbers a picture is made from.
    """

    def __init__(self, networks: Networks, settings: Search, latent: int) -> None:
        self._generator = frozen(networks["generator"])
        self._look: Look = looking(networks)
        self._settings = settings
        self._latent = latent

    def find(self, pictures: tf.Tensor, steps: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Search.

        Args:
            pictures: float32 (batch, size, size, channels) in [-1, 1].
            steps: how many updates of the latents.

        Returns:
            The best latents, float32 (batch, latent), and their loss, float32 (batch,).
        """
        count = tf.shape(pictures)[0]
        blocks = -(-count // BLOCK)
        filled = tf.pad(pictures, [[0, blocks * BLOCK - count], *[[0, 0]] * (pictures.shape.rank - 1)])
        latents, losses = tf.map_fn(
            lambda block: self.find_block(block, steps),
            tf.reshape(filled, [blocks, BLOCK, *pictures.shape[1:]]),
            fn_output_signature=(
                tf.TensorSpec([BLOCK, self._latent], tf.float32),
                tf.TensorSpec([BLOCK], tf.float32),
            ),
        )
        return tf.reshape(latents, [-1, self._latent])[:count], tf.reshape(losses, [-1])[:count]

    def find_block(self, pictures: tf.Tensor, steps: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Search as `find` does, without blocks: results differ with the number of pictures."""
        features = self._look(pictures)

        def update(step: tf.Tensor, state: tuple[Any, ...]) -> tuple[tf.Tensor, tuple[Any, ...]]:
            latents, mean, square, best, lowest = state
            losses, slopes = value_and_slope(lambda moved: self.loss(moved, pictures, features), latents)
            best, lowest = _better(latents, losses, best, lowest)
            mean = BETA_1 * mean + (1.0 - BETA_1) * slopes
            square = BETA_2 * square + (1.0 - BETA_2) * tf.square(slopes)
            return step + 1, (latents - self._move(step, mean, square), mean, square, best, lowest)

        start = self.start(pictures)
        still = tf.zeros_like(start)
        state = (start, still, still, start, tf.fill([tf.shape(start)[0]], float("inf")))
        _, (latents, _, _, best, lowest) = tf.while_loop(
            lambda step, _: step < steps, update, (tf.constant(0), state), maximum_iterations=steps
        )
        return _better(latents, self.loss(latents, pictures, features), best, lowest)

    def loss(self, latents: tf.Tensor, pictures: tf.Tensor, features: tf.Tensor) -> tf.Tensor:
        """Compare what latents make with pictures: (1 - λ)·Σ|x - G(z)| + λ·Σ|f(x) - f(G(z))|, (batch,)."""
        made = self.make(latents)
        share = self._settings.weight
        return (1.0 - share) * absolute(pictures, made) + share * absolute(features, self._look(made))

    def make(self, latents: tf.Tensor) -> tf.Tensor:
        """Return pictures in [-1, 1] of latents, each on its own."""
        return self._generator(latents)

    def start(self, pictures: tf.Tensor) -> tf.Tensor:
        """Choose for each picture where to begin: the random latents whose picture's pixels are nearest."""
        noise = Noise(seed=self._settings.seed, rows=self._settings.starts, scope="search")
        latents = noise.normal("latents", [self._latent])
        if self._settings.starts == 1:
            return tf.repeat(latents, tf.shape(pictures)[0], axis=0)
        candidates = tf.reshape(self.make(latents), [self._settings.starts, -1])
        rows = tf.reshape(pictures, [-1, candidates.shape[1]])
        # |x - c|² without |x|², which is the same for all candidates.
        distances = tf.reduce_sum(tf.square(candidates), axis=1) - 2.0 * rows @ tf.transpose(candidates)
        return tf.gather(latents, tf.argmin(distances, axis=1))

    def _move(self, step: tf.Tensor, mean: tf.Tensor, square: tf.Tensor) -> tf.Tensor:
        """Adam's update; Kingma and Ba 2015, arXiv:1412.6980, algorithm 1."""
        count = tf.cast(step + 1, tf.float32)
        mean, square = mean / (1.0 - tf.pow(BETA_1, count)), square / (1.0 - tf.pow(BETA_2, count))
        return self._settings.learning_rate * mean / (tf.sqrt(square) + EPSILON)


def _better(
    latents: tf.Tensor, losses: tf.Tensor, best: tf.Tensor, lowest: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    improved = losses < lowest
    return tf.where(improved[:, None], latents, best), tf.minimum(losses, lowest)
