"""What networks see in pictures, compared."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.errors import ConfigError
from gansuite.losses.perceptual import PREPROCESSING, feature_distance, looking

PICTURES = np.random.default_rng(0).uniform(-1, 1, [2, 8, 8, 3]).astype(np.float32)


def network() -> keras.Model:
    pictures = keras.Input([None, None, 3])
    features = keras.layers.Conv2D(5, 3, name="early")(pictures)
    return keras.Model(pictures, keras.layers.Conv2D(2, 3, name="late")(features), name="eye")


def test_preprocessing_is_what_keras_does_for_its_networks() -> None:
    pixels = (PICTURES + 1) * 127.5
    for name, mode in (("caffe", "caffe"), ("imagenet", "torch"), ("symmetric", "tf")):
        expected = keras.src.applications.imagenet_utils.preprocess_input(pixels.copy(), mode=mode)
        np.testing.assert_allclose(PREPROCESSING[name](PICTURES), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(PREPROCESSING["pixels"](PICTURES), pixels, rtol=1e-5)
    np.testing.assert_allclose(PREPROCESSING["unit"](PICTURES), pixels / 255, rtol=1e-4, atol=1e-6)


def test_any_layers_of_a_network_are_seen_scaled_and_never_trained() -> None:
    eye = network()
    early, late = looking(eye, ["early", "late"], "symmetric", 0.5)(PICTURES)
    np.testing.assert_allclose(early, 0.5 * eye.get_layer("early")(PICTURES), rtol=1e-6)
    np.testing.assert_allclose(late, 0.5 * eye(PICTURES), rtol=1e-5, atol=1e-6)
    assert eye.trainable_weights == []


def test_what_comes_after_the_layer_is_not_computed() -> None:
    look = tf.function(looking(network(), ["early"], "unit"), autograph=False)
    graph = look.get_concrete_function(tf.TensorSpec([2, 8, 8, 3])).graph
    assert [one.type for one in graph.get_operations()].count("Conv2D") == 1


def test_a_layer_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match=r"eye has no layer 'erly'") as caught:
        looking(network(), ["erly"], "unit")
    assert "early" in str(caught.value)


def test_the_distance_is_the_sum_of_mean_squares_and_moves_only_the_fake() -> None:
    real, fake = [tf.ones([2, 3]), tf.zeros([2, 1])], [tf.zeros([2, 3]), tf.fill([2, 1], 3.0)]
    with tf.GradientTape() as tape:
        tape.watch([*real, *fake])
        distance = feature_distance(real, fake)
    assert float(distance) == 1 + 9
    slopes = tape.gradient(distance, [*real, *fake])
    assert slopes[:2] == [None, None]
    np.testing.assert_allclose(slopes[2], np.full([2, 3], -2 / 6), rtol=1e-6)
    assert feature_distance([tf.ones(3, tf.bfloat16)], [tf.ones(3)]).dtype == tf.float32
