"""Pictures of the cache as networks see them."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from gansuite.data.images.ranges import to_network
from gansuite.noise import Noise


def decode(rows: Mapping[str, tf.Tensor], noise: Noise, *, flip: bool) -> dict[str, tf.Tensor]:
    """Make examples of cached rows: `images` float32 (rows, size, size, channels) in [-1, 1], `labels`."""
    images = to_network(rows["images"])
    if flip:
        mirrored = noise.uniform("flip") < 0.5
        images = tf.where(mirrored[:, None, None, None], images[:, :, ::-1], images)
    return {**rows, "images": images}
