"""Endpoints that take and return pictures, for clients that have files."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from gansuite.deterministic import total
from gansuite.domain import Endpoint
from gansuite.export.guarding import MOST_PIXELS, affordable, require
from gansuite.game import Networks

#: Pixels of the pictures of a request at most, or of what is made of them where that has more.
MOST_TOGETHER = 1 << 26
_SIDE = 24
#: What each level of a pixel is in [0, 1]. TensorFlow may divide by multiplying, which rounds otherwise.
_LEVELS = np.arange(256, dtype=np.float32) / np.float32(255)
#: Bytes at the beginning of a file in which PNG and BMP say how large they are.
_HEAD = 26
_PNG = b"\x89PNG"
#: Where a PNG file says of how many bits a level is.
_BITS = 24
#: Red, green and blue in grey, in parts of 65,536, as in Pillow.
_BRIGHTNESS = (19595, 38470, 7471)


def most_pixels(scale: int = 1) -> int:
    """Return how many pixels a picture may have of which one so many times higher and wider is made."""
    return MOST_PIXELS // scale**2


def in_bytes(endpoint: Endpoint, channels: int = 3, *, scale: int = 1) -> Endpoint:
    """Return an endpoint from `image_bytes` to `png_bytes`, both text (batch,).

    Each picture is one by itself, so they may differ in size. PNG and JPEG, and where there are three
    channels BMP, are read by operations of the graph, without turning them as their EXIF data say; PNG that
    is transparent is laid over white, as in training. Results are PNG. Other files are refused: for a GIF or
    a WebP picture TensorFlow makes room for what its frames say, which is nothing that its beginning tells.

    Args:
        endpoint: from `images` to `images`, float32 (batch, height, width, channels) in [0, 1].
        channels: of what it takes; pictures of other colours are converted.
        scale: how many times higher and wider what it makes is. Neither what it takes nor what it makes
            has more than 16,777,216 pixels, nor all of a request more than 67,108,864: a small file can claim
            to be a picture of any size.
    """

    def answer(networks: Networks, image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        """Read files, text (batch,), and make a PNG file of each, text (batch,)."""

        def one(content: tf.Tensor) -> tf.Tensor:
            given = _read(content, channels)
            # To the networks the batch stays of any size: where it is known they may round otherwise.
            one_row = tf.compat.v1.placeholder_with_default(given[tf.newaxis], [None, None, None, channels])
            with tf.control_dependencies(affordable("a picture", endpoint, {"images": one_row})):
                made = endpoint.function(networks, images=tf.identity(one_row))["images"][0]
            # As `gansuite.data.images.drawing.to_pixels`, so that files are the same from a server.
            return tf.io.encode_png(tf.cast(255.0 * tf.clip_by_value(made, 0.0, 1.0) + 0.5, tf.uint8))

        with tf.control_dependencies(_limits(image_bytes, scale)):
            contents = tf.identity(image_bytes)
        # One after the other: each may be as large as is allowed.
        made = tf.map_fn(one, contents, fn_output_signature=tf.string, parallel_iterations=1)
        return {"png_bytes": made}

    return Endpoint(
        function=answer,
        inputs={"image_bytes": tf.TensorSpec([None], tf.string, name="image_bytes")},
        example=lambda rows: {"image_bytes": _examples(rows, channels)},
        meanings={"image_bytes": _taken(channels), "png_bytes": "a PNG file for each"},
    )


def _taken(channels: int) -> str:
    return f"files, PNG{', JPEG or BMP' if channels == 3 else ' or JPEG'}, one for each row"


def _read(content: tf.Tensor, channels: int) -> tf.Tensor:
    def of_others() -> tf.Tensor:
        return tf.cast(tf.io.decode_image(content, channels=channels, expand_animations=False), tf.int32)

    is_png = tf.strings.substr(content, 0, len(_PNG)) == _PNG
    pixels = tf.cond(is_png, lambda: _of_png(content, channels), of_others)
    pixels.set_shape([None, None, channels])
    return tf.gather(tf.constant(_LEVELS), pixels)


def _of_png(content: tf.Tensor, channels: int) -> tf.Tensor:
    """Decode PNG over white, as `gansuite.data.images.form.as_channels` does, rounded alike: int32."""
    shift = tf.bitwise.right_shift
    pixels = tf.io.decode_png(content, channels=4)
    colours, alpha = tf.cast(pixels[..., :3], tf.int32), tf.cast(pixels[..., 3:], tf.int32)
    # Where nothing is transparent, TensorFlow fills in the highest level that the file's bits can say: 1, 3
    # or 15 where they are fewer than 8. Hardly a file has this alpha all over of its own accord.
    bits = tf.cast(tf.io.decode_raw(tf.strings.substr(content, _BITS, 1), tf.uint8)[0], tf.int32)
    filled_in = 2 ** tf.minimum(bits, 8) - 1
    alpha = tf.where(tf.reduce_all(alpha == filled_in), 255, alpha)
    parts = colours * alpha + 255 * (255 - alpha) + 128
    made = shift(parts + shift(parts, 8), 8)  # by 255, to the nearest, as Pillow divides
    if channels == 3:
        return made
    red, green, blue = (made[..., one, tf.newaxis] * weight for one, weight in enumerate(_BRIGHTNESS))
    return shift(red + green + blue + (1 << 15), 16)


def _limits(contents: tf.Tensor, scale: int) -> list[tf.Operation]:
    """Refuse files before they are decoded, which makes room for the size that they say they have."""
    most, together = most_pixels(scale), MOST_TOGETHER // scale**2
    pixels = tf.map_fn(_pixels, contents, fn_output_signature=tf.int64)
    known = require(tf.reduce_all(pixels >= 0), "a picture is neither PNG nor JPEG nor BMP")
    with tf.control_dependencies([known]):
        alone = require(tf.reduce_all(pixels <= most), f"a picture has more than {most} pixels")
    with tf.control_dependencies([alone]):
        asked = tf.reduce_sum(tf.identity(pixels))
    return [require(asked <= together, f"the pictures have more than {together} pixels together", asked)]


def _pixels(content: tf.Tensor) -> tf.Tensor:
    """Return how many pixels a file says it has, int64, from its first bytes; -1 for one of another kind."""
    filled = tf.strings.substr(tf.strings.join([content, b"\0" * _HEAD]), 0, _HEAD)
    head = tf.cast(tf.ensure_shape(tf.io.decode_raw(filled, tf.uint8), [_HEAD]), tf.int64)

    def number(*places: int) -> tf.Tensor:
        """The whole number in some bytes, the first of them the largest."""
        return total(head[place] * 256**power for power, place in enumerate(reversed(places)))

    def has(text: bytes, place: int = 0) -> tf.Tensor:
        return tf.reduce_all(head[place : place + len(text)] == tf.constant(list(text), tf.int64))

    def of_jpeg() -> tf.Tensor:
        return tf.reduce_prod(tf.cast(tf.image.extract_jpeg_shape(content)[:2], tf.int64))

    def of_bmp() -> tf.Tensor:
        # A negative height says that the first line is the upper one.
        height = tf.cast(number(25, 24, 23, 22), tf.int32)
        return number(21, 20, 19, 18) * tf.abs(tf.cast(height, tf.int64))

    kinds = [
        # What decodes it would look for the size behind other chunks as well.
        (has(_PNG) & has(b"IHDR", 12), lambda: number(16, 17, 18, 19) * number(20, 21, 22, 23)),
        (has(b"BM"), of_bmp),
        (has(b"\xff\xd8"), of_jpeg),
    ]
    return tf.case(kinds, default=lambda: tf.constant(-1, tf.int64))


def _examples(rows: int, channels: int) -> np.ndarray:
    pixels = np.random.default_rng(0).integers(0, 256, (rows, _SIDE, _SIDE, channels), np.uint8)
    return np.array([tf.io.encode_png(one).numpy() for one in pixels], object)
