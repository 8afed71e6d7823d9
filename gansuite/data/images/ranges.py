"""The ranges of pictures: [0, 255] in files, [-1, 1] in networks, [0, 1] for everybody else."""

from __future__ import annotations

import tensorflow as tf


def meaning(channels: int) -> str:
    """Say for people what the numbers of pictures are, (batch, height, width, channels) in [0, 1]."""
    colours = "red, green, blue" if channels == 3 else "grey"
    return f"pictures, from 0 (dark) to 1 (bright): batch, height from the top, width, channel ({colours})"


def to_network(pixels: tf.Tensor) -> tf.Tensor:
    """Return pixels, uint8 in [0, 255], as float32 in [-1, 1]."""
    return tf.cast(pixels, tf.float32) / 127.5 - 1.0


def to_people(pictures: tf.Tensor) -> tf.Tensor:
    """Return what a network made, float32 in [-1, 1], as float32 in [0, 1]."""
    return (pictures + 1.0) / 2.0
