"""Channels laid out as pixels."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.layers.pixel_shuffle import ICNR, PixelShuffle


@pytest.mark.parametrize("factor", [2, 3])
def test_every_channel_goes_to_its_pixel(factor: int) -> None:
    given = np.random.default_rng(0).normal(size=(2, 3, 4, factor**2 * 5)).astype(np.float32)
    shuffled = PixelShuffle(factor)(given).numpy()
    assert shuffled.shape == (2, 3 * factor, 4 * factor, 5)
    for row in range(factor):
        for column in range(factor):
            part = given[..., (factor * row + column) * 5 : (factor * row + column + 1) * 5]
            np.testing.assert_array_equal(shuffled[:, row::factor, column::factor], part)


def test_sizes_that_are_not_known_yet_stay_so() -> None:
    assert PixelShuffle(2)(keras.Input([None, 4, 12])).shape == (None, None, 8, 3)


def test_a_convolution_with_icnr_begins_as_nearest_neighbours() -> None:
    layer = keras.layers.Conv2D(
        4 * 3, 3, padding="same", kernel_initializer=ICNR(2, keras.initializers.HeNormal())
    )
    pictures = tf.random.stateless_normal([2, 5, 6, 7], [0, 0])
    large = PixelShuffle(2)(layer(pictures)).numpy()
    np.testing.assert_array_equal(large, large[:, ::2, ::2].repeat(2, axis=1).repeat(2, axis=2))
    assert layer.kernel.numpy().std() == pytest.approx(np.sqrt(2 / (9 * 7)), rel=0.2)


def test_both_survive_being_saved() -> None:
    start = ICNR.from_config(ICNR(2, keras.initializers.Ones()).get_config())
    assert (start.factor, type(start.initializer)) == (2, keras.initializers.Ones)
    assert PixelShuffle.from_config(PixelShuffle(3).get_config()).factor == 3
