"""Layers against what linear algebra and statistics say."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.layers.clipping import Clip
from gansuite.layers.deviation import MinibatchDeviation
from gansuite.layers.spectral import SpectralConv2D, SpectralDense

SETTLING = 60


@pytest.mark.parametrize("kind", ["dense", "convolution"])
def test_the_largest_singular_value_becomes_one(kind: str) -> None:
    keras.utils.set_random_seed(0)
    layer = SpectralDense(7) if kind == "dense" else SpectralConv2D(7, 3)
    inputs = tf.random.stateless_normal([2, 5, 5, 4], [0, 0])
    for _ in range(SETTLING):
        layer(inputs, training=True)
    matrix = np.reshape(layer.kernel.numpy(), [-1, 7])
    assert np.linalg.svd(matrix, compute_uv=False)[0] == pytest.approx(1, abs=1e-3)


def test_the_weights_stay_and_no_gradient_makes_them_longer() -> None:
    """W/σ(W) is the same for c·W: its gradient has no part along W."""
    keras.utils.set_random_seed(0)
    layer = SpectralDense(6, use_bias=False)
    inputs = tf.random.stateless_normal([3, 4], [0, 1])
    for _ in range(SETTLING):
        layer(inputs, training=True)
    before = layer._kernel.numpy()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(inputs, training=True) ** 2)
    (gradient,) = tape.gradient(loss, layer.trainable_weights[0:1])
    assert np.array_equal(layer._kernel.numpy(), before)
    assert abs(np.sum(gradient.numpy() * before)) < 1e-3 * np.linalg.norm(gradient.numpy())


def test_in_bfloat16_the_vector_is_followed_in_float32() -> None:
    inputs = tf.random.stateless_normal([3, 4], [0, 1])
    vectors = []
    for policy in ("float32", "mixed_bfloat16"):
        keras.utils.set_random_seed(0)
        layer = SpectralDense(6, dtype=policy)
        layer.build(inputs.shape)
        layer._kernel.assign(tf.cast(tf.cast(layer._kernel.value, "bfloat16"), "float32"))
        for _ in range(5):
            layer(inputs, training=True)
        vectors.append(layer.vector.numpy())
    assert vectors[1].dtype == np.float32
    np.testing.assert_allclose(vectors[1], vectors[0], rtol=1e-5, atol=1e-6)
    follow = tf.function(lambda: layer(inputs, training=True)).get_concrete_function()
    assert "SparseMatMul" not in {operation.type for operation in follow.graph.get_operations()}


def test_judging_moves_no_vector() -> None:
    layer = SpectralDense(6)
    layer(tf.ones([1, 3]), training=True)
    before = layer.vector.numpy()
    layer(tf.ones([1, 3]), training=False)
    assert np.array_equal(layer.vector.numpy(), before)


def test_the_deviation_of_a_group_is_that_of_its_pictures() -> None:
    pictures = np.random.default_rng(0).normal(size=(8, 2, 2, 3)).astype(np.float32)
    shown = MinibatchDeviation(4)(pictures).numpy()
    assert np.array_equal(shown[..., :3], pictures)
    for group in (slice(0, 4), slice(4, 8)):
        assert shown[group, ..., 3] == pytest.approx(pictures[group].std(axis=0).mean(), rel=1e-4)


def test_features_show_how_much_they_differ_too() -> None:
    features = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    shown = MinibatchDeviation(4)(features).numpy()
    assert shown[4:, 3] == pytest.approx(features[4:].std(axis=0).mean(), rel=1e-4)


def test_pictures_that_are_all_alike_show_it() -> None:
    assert MinibatchDeviation(4)(tf.ones([4, 2, 2, 1])).numpy()[..., 1].max() < 1e-3


@pytest.mark.parametrize("rows", [1, 3])
def test_a_batch_that_does_not_divide_is_one_group(rows: int) -> None:
    pictures = np.random.default_rng(0).normal(size=(rows, 2, 2, 3)).astype(np.float32)
    shown = MinibatchDeviation(4)(pictures).numpy()
    assert shown[..., 3] == pytest.approx(pictures.std(axis=0).mean(), abs=2e-4)


def test_clipped_weights_stay_in_their_box() -> None:
    kept = keras.ops.convert_to_numpy(Clip(0.5)(tf.constant([-2.0, 0.1, 0.7])))
    assert kept == pytest.approx([-0.5, 0.1, 0.5])
