"""Adam in one operation and RMSprop as published, beside Keras's."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.settings import Optimizer
from gansuite.training.optimizers import Adam, RMSprop, make_optimizer

SETTINGS = {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}


def moved(optimizer: keras.optimizers.Optimizer, dtype: str, *, sparse: bool = False) -> list[np.ndarray]:
    """Two variables, and what the optimizer keeps, after five updates in a graph."""
    drawn = np.random.default_rng(0)
    variables = [keras.Variable(drawn.normal(size=shape), dtype=dtype) for shape in ((4, 3), (5,))]
    optimizer.build(variables)

    @tf.function(autograph=False)
    def update(gradients: list[tf.Tensor]) -> None:
        first: Any = gradients[0]
        if sparse:
            first = tf.IndexedSlices(first[:2], tf.constant([3, 1]), tf.constant([4, 3]))
        optimizer.apply([first, gradients[1]], variables)

    for _ in range(5):
        update([tf.constant(drawn.normal(size=one.shape), dtype) for one in variables])
    assert int(optimizer.iterations.numpy()) == 5
    return [np.asarray(one) for one in (*variables, *optimizer.variables[2:])]


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(("dtype", "near"), [("float32", 1e-5), ("float64", 1e-7)])
def test_it_is_what_keras_computes(dtype: str, near: float, sparse: bool) -> None:
    # In float64 as well Keras rounds some figures to float32.
    ours = moved(Adam(**SETTINGS), dtype, sparse=sparse)
    theirs = moved(keras.optimizers.Adam(**SETTINGS), dtype, sparse=sparse)
    assert len(ours) == 6
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=near, atol=near)


def test_it_is_what_was_published() -> None:
    (value, *_), gradients = moved(Adam(**SETTINGS), "float64"), np.random.default_rng(0)
    weights, _ = gradients.normal(size=(4, 3)), gradients.normal(size=5)
    mean, square = np.zeros((4, 3)), np.zeros((4, 3))
    for count in range(1, 6):
        slope, _ = gradients.normal(size=(4, 3)), gradients.normal(size=5)
        mean = 0.5 * mean + 0.5 * slope
        square = 0.9 * square + 0.1 * slope**2
        rate = np.float32(0.01) * np.sqrt(1 - 0.9**count) / (1 - 0.5**count)
        weights = weights - rate * mean / (np.sqrt(square) + 1e-3)
    np.testing.assert_allclose(value, weights, rtol=1e-12)


def test_rmsprop_moves_by_gradients_that_are_much_smaller_than_keras_epsilon() -> None:
    given = Optimizer(kind="rmsprop", learning_rate=0.01, beta_2=0.9, epsilon=1e-12)
    weight = keras.Variable(0.0)
    optimizer = make_optimizer(given)
    optimizer.build([weight])
    optimizer.apply([tf.constant(1e-8)], [weight])
    # The mean of the squares begins at 0, of which one gradient makes a tenth of its square.
    assert float(weight.numpy()) == pytest.approx(-0.01 / np.sqrt(0.1), rel=1e-3)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_rmsprop_is_that_of_keras_but_for_epsilon(momentum: float) -> None:
    settings = {"learning_rate": 0.01, "rho": 0.9, "momentum": momentum, "epsilon": 1e-30}
    for dtype in ("float32", "float64"):
        pairs = zip(
            moved(RMSprop(**settings), dtype), moved(keras.optimizers.RMSprop(**settings), dtype), strict=True
        )
        for one, other in pairs:
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_settings_make_it() -> None:
    optimizer = make_optimizer(Optimizer(**SETTINGS))
    assert isinstance(optimizer, Adam)
    for one, other in zip(moved(optimizer, "float64"), moved(Adam(**SETTINGS), "float64"), strict=True):
        np.testing.assert_array_equal(one, other)
