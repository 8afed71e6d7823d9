"""Dropout that noise from outside decides."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from gansuite.layers.dropout import StatelessDropout
from gansuite.noise import Noise
from gansuite.precision import layer_precision


def test_what_the_noise_says_is_dropped_and_the_rest_enlarged() -> None:
    features = tf.constant([[1.0, 2.0, 3.0, 4.0]])
    noise = tf.constant([[0.1, 0.249, 0.25, 0.9]])
    kept = StatelessDropout(0.25)([features, noise], training=True)
    assert kept.numpy() == pytest.approx(np.array([[0, 0, 4, 16 / 3]]))


def test_the_mean_stays_in_any_precision() -> None:
    noise = Noise(seed=3, rows=4).uniform("drop", [64, 64, 4])
    with layer_precision("bfloat16"):
        kept = StatelessDropout(0.3)([tf.ones_like(noise, tf.bfloat16), noise], training=True)
    assert kept.dtype == tf.bfloat16
    assert float(tf.reduce_mean(tf.cast(kept, tf.float32))) == pytest.approx(1, abs=0.01)


def test_outside_of_training_nothing_is_dropped_whatever_the_noise() -> None:
    features = tf.random.stateless_normal([2, 3, 3, 4], [0, 0])
    unchanged = StatelessDropout(0.5)([features, tf.zeros([2, 1, 1, 4])], training=False)
    assert np.array_equal(unchanged, features)
