"""Endpoints that take and return pictures, for clients that have files."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from gansuite.domain import Endpoint
from gansuite.game import Networks

#: Pixels of a picture at most.
MOST_PIXELS = 1 << 24
_SIDE = 24


def in_bytes(endpoint: Endpoint, channels: int = 3) -> Endpoint:
    """Return an endpoint from `image_bytes` to `png_bytes`, both text (batch,).

    Each picture is one by itself, so they may differ in size. PNG, JPEG, BMP and GIF (its first picture) are
    read by operations of the graph, without turning them as their EXIF data say; results are PNG.

    Args:
        endpoint: from `images` to `images`, float32 (batch, height, width, channels) in [0, 1].
        channels: of what it takes; pictures of other colours are converted.
    """

    def answer(networks: Networks, image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        def one(content: tf.Tensor) -> tf.Tensor:
            made = endpoint.function(networks, images=_read(content, channels)[tf.newaxis])["images"][0]
            return tf.io.encode_png(tf.cast(tf.round(255.0 * tf.clip_by_value(made, 0.0, 1.0)), tf.uint8))

        return {"png_bytes": tf.map_fn(one, image_bytes, fn_output_signature=tf.string)}

    return Endpoint(
        function=answer,
        inputs={"image_bytes": tf.TensorSpec([None], tf.string, name="image_bytes")},
        example=lambda rows: {"image_bytes": _examples(rows, channels)},
    )


def _read(content: tf.Tensor, channels: int) -> tf.Tensor:
    pixels = tf.io.decode_image(content, channels=channels, expand_animations=False)
    most = tf.constant(channels * MOST_PIXELS, tf.int64)
    message = f"a picture has more than {MOST_PIXELS} pixels"
    checked = tf.debugging.assert_less_equal(tf.size(pixels, tf.int64), most, message)
    with tf.control_dependencies([checked]):
        pixels = tf.identity(pixels)
    pixels.set_shape([None, None, channels])
    return tf.cast(pixels, tf.float32) / 255.0


def _examples(rows: int, channels: int) -> np.ndarray:
    pixels = np.random.default_rng(0).integers(0, 256, (rows, _SIDE, _SIDE, channels), np.uint8)
    return np.array([tf.io.encode_png(one).numpy() for one in pixels], object)
