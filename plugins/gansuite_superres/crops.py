"""What is cut out of tiles, at random but the same for both sizes."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from gansuite.data.images.ranges import to_network
from gansuite.noise import Noise
from gansuite_superres.config import Data


def whole(rows: Mapping[str, tf.Tensor], noise: Noise) -> dict[str, tf.Tensor]:
    """Take whole tiles as they are: `high` and `low`, float32 (rows, side, side, 3) in [-1, 1]."""
    return {kind: to_network(rows[kind]) for kind in ("high", "low")}


def crops(rows: Mapping[str, tf.Tensor], noise: Noise, *, data: Data) -> dict[str, tf.Tensor]:
    """Cut the same crop out of a large tile and the small one, mirrored and turned alike.

    Returns:
        `high` float32 (rows, crop, crop, 3) and `low` (rows, crop / scale, crop / scale, 3) in [-1, 1].
    """
    places = data.low_tile - data.low_crop + 1
    top, left = (noise.integers(name, below=places) for name in ("top", "left"))
    cut = {
        kind: _cut(rows[kind], top * times, left * times, data.low_crop * times)
        for kind, times in (("high", data.scale), ("low", 1))
    }
    if data.augment:
        coins = [noise.uniform(name) < 0.5 for name in ("mirror", "overturn", "transpose")]
        cut = {kind: _turned(pictures, *coins) for kind, pictures in cut.items()}
    return {kind: to_network(pictures) for kind, pictures in cut.items()}


def _cut(pictures: tf.Tensor, top: tf.Tensor, left: tf.Tensor, side: int) -> tf.Tensor:
    rows = tf.gather(pictures, top[:, None] + tf.range(side), axis=1, batch_dims=1)
    return tf.gather(rows, left[:, None] + tf.range(side), axis=2, batch_dims=1)


def _turned(pictures: tf.Tensor, mirror: tf.Tensor, overturn: tf.Tensor, transpose: tf.Tensor) -> tf.Tensor:
    def some(coin: tf.Tensor, changed: tf.Tensor) -> tf.Tensor:
        return tf.where(coin[:, None, None, None], changed, pictures)

    pictures = some(mirror, pictures[:, :, ::-1])
    pictures = some(overturn, pictures[:, ::-1])
    return some(transpose, tf.transpose(pictures, [0, 2, 1, 3]))
