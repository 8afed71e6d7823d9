"""Convolutions that are products of matrices, or whose kernels learn by them, where that is faster."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.layers import convolution
from gansuite.layers.convolution import Conv2D, Conv2DTranspose
from gansuite.layers.spectral import SpectralConv2D
from gansuite.precision import layer_precision

KINDS = {Conv2D: keras.layers.Conv2D, Conv2DTranspose: keras.layers.Conv2DTranspose}
FORM = {"kernel_size": 4, "strides": 2, "padding": "same"}

both = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def _any_kernel_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convolution, "_LARGE", 0)


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


def gradient_operations(layer: Any, shape: tuple[int, ...]) -> set[str]:
    def gradient(inputs: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            takes = "training" in inspect.signature(layer.call).parameters
            outputs = layer(inputs, training=True) if takes else layer(inputs)
        return tape.gradient(outputs, layer.kernel.value)

    return operations(gradient, shape)


def learned(compute: Any, weights: list[tf.Tensor], inputs: tf.Tensor) -> list[tf.Tensor]:
    """What a layer makes, the gradients of a loss, and those of a penalty on its slope."""
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(inputs)
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            outputs = compute(inputs)
            loss = tf.reduce_sum(tf.sin(outputs))
        slope = tf.reduce_sum(tf.square(inner.gradient(loss, inputs)))
    return [outputs, *(found for one in (loss, slope) for found in outer.gradient(one, [inputs, *weights]))]


def assert_learns_the_same(layer: Any, plain: Any, inputs: tf.Tensor, *, training: bool) -> None:
    found = learned(partial(layer, training=training), [one.value for one in layer.weights], inputs)
    expected = learned(plain, [one.value for one in plain.weights], inputs)
    for value, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-10, atol=1e-10)


@both
@pytest.mark.parametrize("shape", [(1, 2, 2, 5), (2, 4, 2, 3), (3, 2, 6, 1)])
@pytest.mark.parametrize("more", [{"use_bias": False}, {"activation": "tanh"}])
@pytest.mark.parametrize("training", [False, True])
def test_values_and_gradients_are_those_of_keras(
    kind: Any, shape: tuple[int, ...], more: dict[str, Any], training: bool
) -> None:
    layer, plain, inputs = made(kind, shape, **more)
    used = operations(partial(layer, training=training), shape)
    assert not {"Conv2D", "Conv2DBackpropInput"} & used
    # Whoever loads what was exported would be warned of gradients that are not there.
    assert ("IdentityN" in used) == training
    assert_learns_the_same(layer, plain, inputs, training=training)


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
        monkeypatch.setattr(convolution, "_LARGE", least)
        found = operations(layer, (1, 4, 4, 2))
        assert bool({"Conv2D", "Conv2DBackpropInput"} & found) != is_product


@both
def test_in_bfloat16_it_computes_in_bfloat16(kind: Any) -> None:
    layer = kind(3, dtype="mixed_bfloat16", **FORM)
    outputs = layer(tf.ones([1, 2, 2, 5]))
    assert outputs.dtype == tf.bfloat16
    assert layer.kernel.dtype == "float32"


#: Layers whose kernel's gradient can be a product, and what they are given.
LEARNING = {
    "halved": (Conv2D, (2, 4, 6, 3), {}),
    "doubled": (Conv2DTranspose, (2, 2, 3, 4), {}),
    "same": (Conv2D, (2, 4, 5, 3), {"kernel_size": 3, "strides": 1}),
    "even": (Conv2D, (2, 4, 5, 3), {"kernel_size": 4, "strides": 1}),
    "valid": (Conv2D, (2, 6, 5, 3), {"kernel_size": (4, 2), "strides": 1, "padding": "valid"}),
}


def as_products(monkeypatch: pytest.MonkeyPatch, *, least: int = 0) -> None:
    """Let kernels of float64 learn by products, and no convolution be one as a whole."""
    monkeypatch.setattr(convolution, "_LARGE", 1 << 40)
    monkeypatch.setattr(convolution, "_DENSE", {("float64", 1): least, ("float64", 2): least})


@pytest.mark.parametrize("name", LEARNING)
def test_kernels_that_learn_by_products_learn_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    as_products(monkeypatch)
    kind, shape, more = LEARNING[name]
    layer, plain, inputs = made(kind, shape, **more)
    assert "Conv2DBackpropFilter" not in gradient_operations(layer, shape)
    assert "Conv2DBackpropFilter" in gradient_operations(plain, shape)
    assert_learns_the_same(layer, plain, inputs, training=True)


def test_a_spectral_norm_is_followed_once_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = tf.random.stateless_normal([2, 4, 4, 3], seed=[5, 6], dtype=tf.float64)
    found = []
    for dense in (0, 1 << 40):
        as_products(monkeypatch, least=dense)
        keras.utils.set_random_seed(0)
        with layer_precision("float64"):
            layer = SpectralConv2D(5, **FORM)
            layer.build(inputs.shape)
        weights = [one.value for one in layer.trainable_weights]
        made_of_it = learned(partial(layer, training=True), weights, inputs)
        found.append([*made_of_it, layer.vector.value])
    for value, expected in zip(*found, strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", LEARNING)
def test_only_training_asks_how_kernels_learn(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    as_products(monkeypatch)
    kind, shape, more = LEARNING[name]
    layer, _, _ = made(kind, shape, **more)
    assert "IdentityN" not in operations(layer, shape)
    assert "IdentityN" in operations(partial(layer, training=True), shape)


@both
def test_a_kernel_that_is_small_for_its_places_is_left_to_keras(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, _, _ = made(kind, (1, 4, 4, 2))
    places = 4 if kind is Conv2D else 16
    ratio = int(np.prod(layer.kernel.shape)) // places
    for least, is_product in ((ratio, True), (ratio + 1, False)):
        as_products(monkeypatch, least=least)
        assert ("Conv2DBackpropFilter" not in gradient_operations(layer, (1, 4, 4, 2))) == is_product


@both
def test_what_all_places_see_has_a_limit(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    as_products(monkeypatch)
    layer, _, _ = made(kind, (1, 4, 4, 2))
    seen = 4 * 16 * 2 if kind is Conv2D else 16 * 16 * 3
    for most, is_product in ((seen, True), (seen - 1, False)):
        monkeypatch.setattr(convolution, "_MOST_SEEN", most)
        assert ("Conv2DBackpropFilter" not in gradient_operations(layer, (1, 4, 4, 2))) == is_product
