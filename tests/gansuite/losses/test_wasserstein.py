"""Wasserstein losses and the gradient penalty against known answers."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from gansuite.losses.penalties import gradient_penalty
from gansuite.losses.wasserstein import critic_wasserstein, generator_wasserstein
from gansuite.noise import Noise


def test_the_critic_is_paid_for_the_distance_of_the_means() -> None:
    assert float(critic_wasserstein(tf.constant([1.0, 3.0]), tf.constant([0.5, -0.5]))) == -2.0


def test_the_generator_is_paid_for_what_the_critic_likes() -> None:
    assert float(generator_wasserstein(tf.constant([1.0, 3.0]))) == -2.0


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0, 3.0])
def test_a_linear_critic_is_penalised_for_its_slope(slope: float) -> None:
    """A critic slope·<w, x> with ‖w‖ = 1 has that slope everywhere."""
    noise = Noise(seed=0, rows=5)
    weights = np.random.default_rng(0).normal(size=[3, 4]).astype(np.float32)
    weights /= np.linalg.norm(weights)
    penalty = gradient_penalty(
        lambda x: slope * tf.reduce_sum(x * weights, axis=[1, 2]),
        noise.normal("real", [3, 4]),
        noise.normal("fake", [3, 4]),
        noise.uniform("mix"),
    )
    assert float(penalty) == pytest.approx((slope - 1) ** 2, abs=1e-4)


def test_the_penalty_looks_between_real_and_fake() -> None:
    """A critic x² / 2 has slope x: at 3/4 of the way from 0 to 2 that is 1.5."""
    penalty = gradient_penalty(
        lambda x: tf.reduce_sum(x**2, axis=1) / 2, tf.zeros([1, 1]), tf.fill([1, 1], 2.0), tf.constant([0.75])
    )
    assert float(penalty) == pytest.approx(0.25, abs=1e-5)


def test_the_penalty_moves_the_critic_even_where_it_is_flat() -> None:
    weight = tf.Variable([0.0])
    with tf.GradientTape() as tape:
        penalty = gradient_penalty(
            lambda x: tf.reduce_sum(x * weight, axis=1), tf.zeros([2, 1]), tf.ones([2, 1]), tf.zeros([2])
        )
    assert np.isfinite(tape.gradient(penalty, weight).numpy()).all()


def test_the_penalty_of_a_batch_is_the_mean_of_its_rows() -> None:
    noise = Noise(seed=1, rows=4)
    real, fake, mix = noise.normal("real", [6]), noise.normal("fake", [6]), noise.uniform("mix")

    def critic(x: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(tf.sin(3 * x), axis=1)

    rows = [
        float(gradient_penalty(critic, real[i : i + 1], fake[i : i + 1], mix[i : i + 1])) for i in range(4)
    ]
    assert float(gradient_penalty(critic, real, fake, mix)) == pytest.approx(np.mean(rows), rel=1e-6)
