"""Translating pictures of any size with a generator."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from gansuite.data.images.ranges import to_people
from gansuite.noise import Noise


def translated(
    generator: keras.Model,
    images: tf.Tensor,
    multiple: int,
    seeds: tf.Tensor | None = None,
    *,
    least: int = 0,
) -> tf.Tensor:
    """Translate pictures of one size, whatever it is.

    They are enlarged by their own mirror image to the next multiple that the generator can halve, translated,
    and cut back. No row depends on another.

    Args:
        generator: from [pictures, *noises] to pictures.
        images: float32 (batch, height, width, channels) in [0, 1].
        multiple: of which the generator needs height and width to be multiples.
        seeds: int64 (batch,): dropout as in training, each row by its own seed. None: without dropout.
        least: height and width that the generator needs at least, a multiple of `multiple`.

    Returns:
        float32 (batch, height, width, channels) in [0, 1].
    """
    height, width = tf.shape(images)[1], tf.shape(images)[2]
    above, beside = _spare(height, multiple, least), _spare(width, multiple, least)
    top, left = above // 2, beside // 2
    pictures = tf.gather(images * 2.0 - 1.0, _mirrored(height, above), axis=1)
    pictures = tf.gather(pictures, _mirrored(width, beside), axis=2)
    if seeds is None:
        made = generator([pictures, *_unused(generator, pictures)], training=False)
    else:
        made = generator([pictures, *_drawn(generator, pictures, multiple, seeds)], training=True)
    return to_people(made[:, top : top + height, left : left + width])


def pixels_seen(images: tf.Tensor, multiple: int, least: int = 0) -> tf.Tensor:
    """Return how many pixels a generator sees of pictures, with their mirror image: int64, of all rows.

    Args:
        images: (batch, height, width, channels), a tensor or an array.
        multiple, least: see `translated`.
    """
    rows, height, width = tf.unstack(tf.shape(images, tf.int64)[:3])
    return rows * (height + _spare(height, multiple, least)) * (width + _spare(width, multiple, least))


def _spare(length: tf.Tensor, multiple: int, least: int) -> tf.Tensor:
    return tf.maximum(-length % multiple, least - length)


def _mirrored(length: tf.Tensor, spare: tf.Tensor) -> tf.Tensor:
    """Return which rows to take: 0 … length - 1 with as much more of their mirror image before and after."""
    positions = tf.range(length + spare) - spare // 2
    period = tf.maximum(2 * (length - 1), 1)
    return (length - 1) - tf.abs(positions % period - (length - 1))


def _noise_channels(generator: keras.Model) -> Sequence[int]:
    return [int(one.shape[-1]) for one in generator.inputs[1:]]


def _unused(generator: keras.Model, pictures: tf.Tensor) -> list[tf.Tensor]:
    rows = tf.shape(pictures)[0]
    return [tf.zeros([rows, 1, 1, channels]) for channels in _noise_channels(generator)]


def _drawn(generator: keras.Model, pictures: tf.Tensor, multiple: int, seeds: tf.Tensor) -> list[tf.Tensor]:
    """Draw the noise of each level: 2 × 2 where the generator has halved `multiple` to 1, and so on."""
    places = tf.shape(pictures)[1:3] // multiple
    drawn = []
    for level, channels in enumerate(_noise_channels(generator)):
        shape = tf.concat([places * (2 << level), [channels]], axis=0)

        def row(seed: tf.Tensor, shape: tf.Tensor = shape, level: int = level) -> tf.Tensor:
            return tf.random.stateless_uniform(shape, Noise(seed=seed).seed_for(f"dropout_{level}"))

        signature = tf.TensorSpec([None, None, channels], tf.float32)
        drawn.append(tf.map_fn(row, seeds, fn_output_signature=signature))
    return drawn
