"""Penalties against critics and generators whose slopes are known."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from gansuite.losses.penalties import (
    gradient_penalty,
    path_length_penalty,
    path_lengths,
    r1_penalty,
)
from gansuite.noise import Noise


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


def test_the_one_sided_penalty_lets_small_slopes_be() -> None:
    def penalty(slope: float) -> float:
        points = tf.ones([2, 1])
        return float(
            gradient_penalty(
                lambda x: slope * tf.reduce_sum(x, axis=1), points, points, tf.zeros([2]), one_sided=True
            )
        )

    assert penalty(0.5) == 0
    assert penalty(3.0) == pytest.approx(4.0, abs=1e-4)


def test_r1_is_half_the_squared_slope_at_real_examples() -> None:
    """A critic x² / 2 has slope x."""
    real = tf.constant([[3.0, 4.0], [0.0, 1.0]])
    assert float(r1_penalty(lambda x: tf.reduce_sum(x**2, axis=1) / 2, real)) == pytest.approx((25 + 1) / 4)


def test_path_lengths_of_a_linear_generator_are_those_of_its_matrix() -> None:
    """G(z) = (z₁·a, z₂·b) on two places of one channel: Jᵀy = (a·y₁, b·y₂) / √2."""
    noise = Noise(seed=1, rows=3)
    directions = noise.normal("directions", [1, 2, 1])
    lengths = path_lengths(
        lambda z: tf.reshape(z * tf.constant([2.0, 3.0]), [-1, 1, 2, 1]), noise.normal("z", [2]), directions
    )
    y = directions.numpy().reshape(3, 2)
    expected = np.sqrt((2 * y[:, 0]) ** 2 + (3 * y[:, 1]) ** 2) / np.sqrt(2)
    assert lengths.numpy() == pytest.approx(expected, rel=1e-5)
    assert float(path_length_penalty(lengths, tf.constant(1.0))) == pytest.approx(
        np.mean((expected - 1) ** 2), rel=1e-5
    )
