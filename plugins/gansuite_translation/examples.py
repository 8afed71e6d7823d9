"""Pictures of both sides as networks see them: cut out anywhere, mirrored or not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any

import tensorflow as tf

from gansuite.data.cache import Cache
from gansuite.data.examples import CachedExamples
from gansuite.data.images.ranges import to_network
from gansuite.domain import Split
from gansuite.errors import DataError
from gansuite.noise import Noise
from gansuite_translation.config import Pairs, Sides

HINT = "Hold some out when training, with data.valid_share, or compare with other --data."


def cut(pixels: tf.Tensor, noise: Noise, size: int, *, flip: bool) -> tf.Tensor:
    """Cut a square out of each picture where the noise says, and mirror it if the noise says so.

    Args:
        pixels: uint8 (rows, height, width, channels).
        noise: the same noise cuts and mirrors the same, whatever the pixels.
        size: of the square.
        flip: mirror half of the pictures left to right.

    Returns:
        float32 (rows, size, size, channels) in [-1, 1].
    """
    for axis, name in ((1, "top"), (2, "left")):
        spare = pixels.shape[axis] - size
        if spare:
            start = noise.integers(name, below=spare + 1)
            pixels = tf.gather(pixels, start[:, None] + tf.range(size), axis=axis, batch_dims=1)
    if flip:
        mirrored = noise.uniform("flip") < 0.5
        pixels = tf.where(mirrored[:, None, None, None], pixels[:, :, ::-1], pixels)
    return to_network(pixels)


def paired(cache: Cache, split: Split, data: Pairs) -> CachedExamples:
    """Return pairs: `inputs` and `targets`, float32 (size, size, channels) in [-1, 1]; cut alike."""
    first, second = ("a", "b") if data.direction == "A-to-B" else ("b", "a")
    arrays = {
        "inputs": cache.arrays[f"{split}_{first}"],
        "targets": cache.arrays[f"{split}_{second}"],
    }
    decode = partial(_decode, size=data.size, flip=data.flip and split == "train")
    return CachedExamples(arrays, decode, what=f"pairs in the {split} part of {data.source}", hint=HINT)


def held_out(cache: Cache, side: str, data: Sides) -> CachedExamples:
    """Return what is held out of one side, "a" or "b", each picture once: `images`, as of `paired`.

    Raises:
        DataError: there is none.
    """
    what = f"pictures of {side.upper()} in the valid part of {data.source}"
    decode = partial(_decode, size=data.size, flip=False)
    return CachedExamples({"images": cache.arrays[f"valid_{side}"]}, decode, what=what, hint=HINT)


def _decode(rows: Mapping[str, tf.Tensor], noise: Noise, *, size: int, flip: bool) -> dict[str, tf.Tensor]:
    return {name: cut(pixels, noise, size, flip=flip) for name, pixels in rows.items()}


class UnpairedExamples:
    """A picture of A with some picture of B: `a` and `b`, float32 (size, size, channels) in [-1, 1].

    There are as many as the larger side has. In training, the smaller one is drawn from at random, and so is
    B where both have as many: pairs, where the data has them, are torn apart. Each picture is cut and
    mirrored by itself. Of what is held out, the smaller side comes again from its beginning.

    Raises:
        DataError: a side has none.
    """

    def __init__(self, cache: Cache, split: Split, data: Sides) -> None:
        self._sides = {side: cache.arrays[f"{split}_{side}"] for side in ("a", "b")}
        for side, array in self._sides.items():
            if not len(array):
                what = f"there are no pictures of {side.upper()} in the {split} part of {data.source}"
                raise DataError(what, hint=HINT)
        counts = {side: len(array) for side, array in self._sides.items()}
        self.size = max(counts.values())
        self._drawn = "a" if counts["a"] < counts["b"] else "b"
        self._training = split == "train"
        self._data = data

    @cached_property
    def spec(self) -> Any:
        """`tf.TensorSpec`s of one example."""
        shape = [self._data.size, self._data.size, self._data.channels]
        return {side: tf.TensorSpec(shape, tf.float32) for side in self._sides}

    def load(self, indices: tf.Tensor, noise: Noise) -> dict[str, tf.Tensor]:
        """Read and cut the examples at `indices`, int64 (rows,)."""
        return {side: self._load(side, indices, noise.scoped(side)) for side in self._sides}

    def _load(self, side: str, indices: tf.Tensor, noise: Noise) -> tf.Tensor:
        array = self._sides[side]
        chosen = indices % len(array)
        if self._training and side == self._drawn:
            chosen = tf.cast(noise.integers("partner", below=len(array)), tf.int64)
        pixels = array.gather(chosen)
        return cut(pixels, noise, self._data.size, flip=self._data.flip and self._training)
