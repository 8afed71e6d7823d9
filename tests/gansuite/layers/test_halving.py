"""Convolutions that are products of matrices where few places are left."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.layers import halving
from gansuite.layers.halving import DoublingConv2D, HalvingConv2D

KINDS = {HalvingConv2D: keras.layers.Conv2D, DoublingConv2D: keras.layers.Conv2DTranspose}
FORM = {"kernel_size": 4, "strides": 2, "padding": "same"}

both = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def _any_kernel_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halving, "_LARGE", 0)


def made(kind: Any, shape: tuple[int, ...], **more: Any) -> tuple[Any, Any, tf.Tensor]:
    """A layer, Keras's own with its weights, and something for both."""
    inputs = tf.random.stateless_normal(shape, seed=[1, 2], dtype=tf.float64)
    layer, plain = (one(3, dtype="float64", **{**FORM, **more}) for one in (kind, KINDS[kind]))
    for one in (layer, plain):
        one.build(shape)
    random = np.random.default_rng(0)
    plain.set_weights([random.normal(size=weight.shape) for weight in layer.weights])
    layer.set_weights(plain.get_weights())
    return layer, plain, inputs


def operations(layer: Any, shape: tuple[int | None, ...]) -> set[str]:
    traced = tf.function(layer, autograph=False).get_concrete_function(tf.TensorSpec(shape, tf.float64))
    return {operation.type for operation in traced.graph.get_operations()}


@both
@pytest.mark.parametrize("shape", [(1, 2, 2, 5), (2, 4, 2, 3), (3, 2, 6, 1)])
@pytest.mark.parametrize("more", [{"use_bias": False}, {"activation": "tanh"}])
def test_values_and_gradients_are_those_of_keras(
    kind: Any, shape: tuple[int, ...], more: dict[str, Any]
) -> None:
    layer, plain, inputs = made(kind, shape, **more)
    assert not {"Conv2D", "Conv2DBackpropInput"} & operations(layer, shape)
    found = []
    for one in (layer, plain):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = one(inputs)
            loss = tf.reduce_sum(tf.sin(outputs))
        found.append([outputs, *tape.gradient(loss, [inputs, *(weight.value for weight in one.weights)])])
    for value, expected in zip(*found, strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-11, atol=1e-11)


@both
def test_sizes_can_be_odd(kind: Any) -> None:
    layer, plain, inputs = made(kind, (1, 3, 5, 2))
    np.testing.assert_allclose(layer(inputs), plain(inputs), rtol=1e-11, atol=1e-11)


@both
@pytest.mark.parametrize(
    ("shape", "more"),
    [
        ((1, 64, 64, 2), {}),
        ((None, 4, 4, 2), {}),
        ((1, None, None, 2), {}),
        ((1, 4, 4, 2), {"kernel_size": 3}),
        ((1, 4, 4, 2), {"strides": 1}),
        ((1, 4, 4, 2), {"padding": "valid"}),
    ],
)
def test_everything_else_is_left_to_keras(
    kind: Any, shape: tuple[int | None, ...], more: dict[str, Any]
) -> None:
    layer, plain, _ = made(kind, (1, 4, 4, 2), **more)
    inputs = tf.random.stateless_normal([size or 4 for size in shape], seed=[3, 4], dtype=tf.float64)
    assert {"Conv2D", "Conv2DBackpropInput"} & operations(layer, shape)
    np.testing.assert_allclose(layer(inputs), plain(inputs), rtol=1e-11, atol=1e-11)


@both
def test_a_small_kernel_is_left_to_keras(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, _, _ = made(kind, (1, 4, 4, 2))
    weights = int(np.prod(layer.kernel.shape))
    for least, is_product in ((weights, True), (weights + 1, False)):
        monkeypatch.setattr(halving, "_LARGE", least)
        found = operations(layer, (1, 4, 4, 2))
        assert bool({"Conv2D", "Conv2DBackpropInput"} & found) != is_product


@both
def test_in_bfloat16_it_computes_in_bfloat16(kind: Any) -> None:
    layer = kind(3, dtype="mixed_bfloat16", **FORM)
    outputs = layer(tf.ones([1, 2, 2, 5]))
    assert outputs.dtype == tf.bfloat16
    assert layer.kernel.dtype == "float32"
