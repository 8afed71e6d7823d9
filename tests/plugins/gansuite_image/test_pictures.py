"""Pictures for networks and for people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gansuite.data.images.drawing import grid, render
from gansuite.data.images.ranges import to_people
from gansuite.noise import Noise
from gansuite_image.game import EXAMPLES
from gansuite_image.pictures import decode


def test_every_pixel_value_survives_the_round_trip() -> None:
    pixels = tf.reshape(tf.range(256), [1, 16, 16, 1])
    images = decode({EXAMPLES: tf.cast(pixels, tf.uint8)}, Noise(seed=0), flip=False)[EXAMPLES]
    assert (float(tf.reduce_min(images)), float(tf.reduce_max(images))) == (-1, 1)
    assert np.array_equal(np.rint(to_people(images) * 255), pixels)


def test_flipping_mirrors_about_half_of_the_pictures_and_no_label() -> None:
    pixels = tf.tile(tf.constant([0, 1, 2, 3], tf.uint8, [1, 1, 4, 1]), [200, 4, 1, 1])
    rows = {EXAMPLES: pixels, "labels": tf.range(200)}
    shown = decode(rows, Noise(seed=0, rows=200), flip=True)
    left = shown[EXAMPLES][:, 0, 0, 0]
    mirrored = int(tf.reduce_sum(tf.cast(left > shown[EXAMPLES][:, 0, 3, 0], tf.int32)))
    assert 70 < mirrored < 130
    assert np.array_equal(shown["labels"], rows["labels"])


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_written_one_by_one_and_on_a_grid(tmp_path: Path, channels: int) -> None:
    images = np.random.default_rng(0).uniform(-0.1, 1.1, (3, 16, 16, channels)).astype(np.float32)
    files = render(images, tmp_path, ["seed-1", "seed-2", "seed-3"])
    assert [file.name for file in files] == ["grid.png", "seed-1.png", "seed-2.png", "seed-3.png"]
    with Image.open(tmp_path / "seed-2.png") as picture:
        assert picture.size == (16, 16)
        read = np.asarray(picture).reshape(16, 16, channels)
        assert np.array_equal(read, np.rint(images[1].clip(0, 1) * 255))
    with Image.open(tmp_path / "grid.png") as picture:
        assert picture.size == (2 * 64 + 2, 2 * 64 + 2)


def test_one_picture_needs_no_grid(tmp_path: Path) -> None:
    assert [file.name for file in render(np.zeros((1, 8, 8, 1)), tmp_path, ["a"])] == ["a.png"]


def test_a_grid_holds_every_picture_in_order() -> None:
    sheet = grid(np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1).repeat(64, 1).repeat(64, 2))
    assert sheet.shape == (2 * 66 - 2, 3 * 66 - 2, 1)
    assert [int(sheet[30, 30 + 66 * column, 0]) for column in range(3)] == [0, 1, 2]
    assert [int(sheet[96, 30 + 66 * column, 0]) for column in range(3)] == [3, 4, 255]
