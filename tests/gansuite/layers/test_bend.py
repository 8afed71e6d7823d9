"""A LeakyReLU whose corner is round."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.layers.bend import Bend


@pytest.mark.parametrize("slope", [0.0, 0.2])
def test_far_from_zero_it_is_a_leaky_relu(slope: float) -> None:
    x = np.float32([-3, -1, 0, 1, 3])
    offset = (1 - slope) * np.log(2) / 16
    np.testing.assert_allclose(
        Bend(slope)(x), np.where(x < 0, slope * x, x) - offset * (x != 0), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("slope", [0.0, 0.2])
def test_its_slope_rises_and_never_jumps(slope: float) -> None:
    x = tf.linspace(-1.0, 1.0, 2001)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = Bend(slope)(x, training=True)
    slopes = tape.gradient(y, x).numpy()
    assert slopes.min() >= slope
    assert slopes.max() <= 1
    rises = np.diff(slopes)
    assert rises.min() > -1e-6
    assert rises.max() < 0.01


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("slope", [0.0, 0.2])
def test_its_slope_can_be_differentiated_as_a_gradient_penalty_does(slope: float, training: bool) -> None:
    x = tf.constant([-0.5, -0.1, 0.0, 0.05, 0.5], tf.float64)

    @tf.function
    def twice(x: tf.Tensor) -> tf.Tensor:
        once = tf.gradients(Bend(slope, dtype="float64")(x, training=training), x)[0]
        return once, tf.gradients(once, x)[0]

    rising = 1 / (1 + np.exp(-16 * x.numpy()))
    once, again = twice(x)
    np.testing.assert_allclose(once, slope + (1 - slope) * rising, rtol=1e-12)
    np.testing.assert_allclose(again, (1 - slope) * 16 * rising * (1 - rising), rtol=1e-12)


def test_in_bfloat16_only_what_comes_out_is_rounded() -> None:
    inputs = tf.cast(tf.linspace(-3.0, 3.0, 1001), tf.bfloat16)
    rough, exact = (Bend(0.2, dtype=dtype) for dtype in ("mixed_bfloat16", "float32"))
    slopes, outputs = [], []
    for layer, values in ((rough, inputs), (exact, tf.cast(inputs, tf.float32))):
        with tf.GradientTape() as tape:
            tape.watch(values)
            outputs.append(layer(values, training=True))
        slopes.append(tape.gradient(outputs[-1], values))
    for found in (outputs, slopes):
        assert found[0].dtype == tf.bfloat16
        np.testing.assert_array_equal(found[0], tf.cast(found[1], tf.bfloat16))


def test_what_it_is_made_with_is_kept() -> None:
    layer = Bend(0.1, sharpness=4.0)
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(layer), custom_objects={"Bend": Bend}
    )
    assert (again.slope, again.sharpness) == (0.1, 4.0)
