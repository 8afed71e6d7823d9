"""Sums and gradients do not depend on which operation is done first."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from gansuite.deterministic import gradients, total, value_and_slope

X = np.linspace(-2, 2, 12, dtype=np.float32).reshape(3, 4)


def used_often(x: tf.Tensor) -> tf.Tensor:
    """Σ over columns of sin x + x² + x³ + eˣ: the slope is a sum of five shares."""
    return tf.reduce_sum(total([tf.sin(x), tf.square(x), x**3, tf.exp(x)]), axis=1)


def expected(x: np.ndarray) -> np.ndarray:
    return np.cos(x) + 2 * x + 3 * x**2 + np.exp(x)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_slope_is_the_derivative_in_a_graph_and_without(compiled: bool) -> None:
    def of(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return value_and_slope(used_often, x)

    value, found = (tf.function(of) if compiled else of)(tf.constant(X))
    np.testing.assert_allclose(value, np.sum(np.sin(X) + X**2 + X**3 + np.exp(X), axis=1), rtol=1e-5)
    np.testing.assert_allclose(found, expected(X), rtol=1e-5)


def test_gradients_go_to_tensors_and_variables_and_are_summed_in_pairs() -> None:
    variable = tf.Variable(X)
    other = tf.Variable(1.0)

    @tf.function
    def of(x: tf.Tensor) -> list[tf.Tensor]:
        target = used_often(x) + used_often(tf.convert_to_tensor(variable))
        *found, absent = gradients(target, [x, variable, other])
        assert absent is None
        return found

    for found in of(tf.constant(X)):
        np.testing.assert_allclose(found, expected(X), rtol=1e-5)
    graph = of.get_concrete_function(tf.TensorSpec(X.shape)).graph
    sums = [operation for operation in graph.get_operations() if operation.type == "AddN"]
    assert {len(operation.inputs) for operation in sums} == {2}


def test_a_slope_can_be_differentiated_again() -> None:
    @tf.function
    def second(x: tf.Tensor) -> tf.Tensor:
        return gradients(value_and_slope(used_often, x)[1], [x])[0]

    np.testing.assert_allclose(second(tf.constant(X)), -np.sin(X) + 2 + 6 * X + np.exp(X), rtol=1e-5)
