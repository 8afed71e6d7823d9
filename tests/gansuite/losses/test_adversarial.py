"""The losses of the first GANs, against their definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gansuite.losses import adversarial

LOGITS = arrays.arrays(np.float32, st.integers(1, 8), elements=st.floats(-10, 10, width=32))


@settings(max_examples=50, deadline=None)
@given(LOGITS)
def test_losses_are_the_logarithms_their_papers_write(logits: np.ndarray) -> None:
    probability = 1 / (1 + np.exp(-logits.astype(np.float64)))
    expected = {
        adversarial.discriminator_real: -np.log(probability),
        adversarial.discriminator_fake: -np.log(1 - probability),
        adversarial.minimax: np.log(1 - probability),
        adversarial.non_saturating: -np.log(probability),
    }
    for loss, terms in expected.items():
        assert float(loss(tf.constant(logits))) == pytest.approx(terms.mean(), rel=1e-4, abs=1e-6)


def test_a_guessing_discriminator_pays_log_2_twice() -> None:
    logits = tf.zeros(4)
    total = adversarial.discriminator_real(logits) + adversarial.discriminator_fake(logits)
    assert float(total) == pytest.approx(2 * math.log(2))


@pytest.mark.parametrize(("loss", "slope"), [(adversarial.minimax, 0.0), (adversarial.non_saturating, -1.0)])
def test_only_minimax_saturates_where_the_discriminator_is_sure(loss: object, slope: float) -> None:
    logits = tf.constant([-50.0])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(logits)  # type: ignore[operator]
    assert float(tape.gradient(value, logits)[0]) == pytest.approx(slope, abs=1e-6)
    assert math.isfinite(float(value))


@pytest.mark.parametrize("name", sorted(adversarial.ADVERSARIAL_LOSSES))
def test_both_sides_pull_a_score_to_where_they_want_it(name: str) -> None:
    """At logits around 0 real goes up, fake goes down, and the generator wants its own up."""
    loss = adversarial.ADVERSARIAL_LOSSES[name]
    for side, sign in ((loss.real, 1), (loss.fake, -1), (loss.generator, 1)):
        logits = tf.constant([0.1, 0.2])
        with tf.GradientTape() as tape:
            tape.watch(logits)
            value = side(logits)
        assert (sign * tape.gradient(value, logits).numpy() < 0).all()


@pytest.mark.parametrize("name", ["minimax", "non-saturating", "least-squares"])
def test_a_smoothed_target_is_where_the_discriminator_wants_to_stay(name: str) -> None:
    smoothed = adversarial.ADVERSARIAL_LOSSES[name].smoothed
    assert smoothed is not None
    best = 0.9 if name == "least-squares" else math.log(0.9 / 0.1)
    logits = tf.constant([best])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = smoothed(logits, 0.9)
    assert float(tape.gradient(value, logits)[0]) == pytest.approx(0, abs=1e-6)


def test_the_hinge_leaves_alone_what_is_beyond_it() -> None:
    assert float(adversarial.hinge_real(tf.constant([1.5, 3.0]))) == 0
    assert float(adversarial.hinge_fake(tf.constant([-1.5, 0.0]))) == 0.5
