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
