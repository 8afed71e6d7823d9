"""Pictures of any size through a generator."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite_translation.config import Sides, UNet
from gansuite_translation.networks.unet import build_unet
from gansuite_translation.translating import translated


class Watcher:
    """A generator that gives back what it is given, and remembers it."""

    inputs = (None,)

    def __call__(self, inputs: list[tf.Tensor], training: bool) -> tf.Tensor:
        [self.seen] = inputs
        return self.seen


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 3), (8, 16), (17, 9), (5, 40)])
def test_what_is_put_around_is_cut_off_again(height: int, width: int) -> None:
    images = tf.random.stateless_uniform([2, height, width, 3], [height, width])
    watcher: Any = Watcher()
    assert np.abs(translated(watcher, images, 8) - images).max() < 1e-6
    assert [size % 8 for size in watcher.seen.shape[1:3]] == [0, 0]
    assert watcher.seen.shape[1] - height < 8


def test_around_a_picture_is_its_mirror_image() -> None:
    images = tf.reshape(tf.constant([0.0, 0.25, 0.5, 1.0]), [1, 1, 4, 1])
    watcher: Any = Watcher()
    translated(watcher, images, 8)
    row = (watcher.seen[0, 0, :, 0].numpy() + 1) / 2
    assert row == pytest.approx([0.5, 0.25, 0, 0.25, 0.5, 1, 0.5, 0.25])


@pytest.fixture(scope="module")
def generator() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build_unet(UNet(width=4), Sides(size=16))


@pytest.mark.parametrize("seeds", [None, (3, 4, 5)])
def test_no_row_depends_on_another(generator: keras.Model, seeds: tuple[int, ...] | None) -> None:
    images = tf.random.stateless_uniform([3, 20, 13, 3], [0, 0])
    given = None if seeds is None else tf.constant(seeds, tf.int64)
    together = translated(generator, images, 16, given)
    alone = translated(generator, images[1:2], 16, None if given is None else given[1:2])
    assert together.shape == images.shape
    assert np.abs(together[1:2] - alone).max() < 1e-5
    assert 0 <= float(tf.reduce_min(together)) <= float(tf.reduce_max(together)) <= 1


def test_a_seed_decides_what_is_dropped(generator: keras.Model) -> None:
    images = tf.random.stateless_uniform([1, 20, 13, 3], [0, 0])
    one, again, other = (
        translated(generator, images, 16, tf.constant([seed], tf.int64)) for seed in (1, 1, 2)
    )
    assert np.array_equal(one, again)
    assert np.abs(one - other).max() > 1e-4
    assert np.abs(one - translated(generator, images, 16)).max() > 1e-4
