"""Phrases as piano-rolls in the training graph.

A piano-roll says which pitch sounds in which step of which track. It has no onsets: two notes of one pitch
without a rest between them are one longer note, as in MuseGAN's data. In drum tracks, every step that sounds
is a stroke.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from gansuite.data.cache import Cache
from gansuite.domain import Split
from gansuite.noise import Noise
from gansuite_music.config import MusicData, Pitches, Track
from gansuite_music.phrases import BARS

ROLLS = "rolls"


@dataclass(frozen=True, kw_only=True)
class PhraseExamples:
    """The phrases of a split: a dict with `rolls`, float32 (steps, tracks, pitches), 1 where a pitch sounds.

    Args:
        cache: of `phrases.prepare_phrases`, with the same settings.
        split: "train" phrases are moved by up to `data.transpose` semitones; "valid" ones never are.
        data, pitches, tracks: the settings.
    """

    cache: Cache
    split: Split
    data: MusicData
    pitches: Pitches
    tracks: Sequence[Track]

    @property
    def size(self) -> int:
        return len(self.cache.arrays[self.split])

    @property
    def spec(self) -> dict[str, tf.TensorSpec]:
        return {ROLLS: tf.TensorSpec((self.data.steps, len(self.tracks), self.pitches.count), tf.float32)}

    def load(self, indices: tf.Tensor, noise: Noise) -> dict[str, tf.Tensor]:
        """Load phrases: `rolls` float32 (rows, steps, tracks, pitches), from indices int64 (rows,)."""
        first_bars = self.cache.arrays[self.split].gather(indices)
        packed = self.cache.arrays[BARS].gather(
            first_bars[:, None] + tf.range(self.data.bars, dtype=tf.int64)
        )
        rolls = unpack(packed, self.pitches.count)
        rolls = tf.reshape(rolls, [-1, self.data.steps, len(self.tracks), self.pitches.count])
        if self.split == "train" and self.data.transpose:
            drums = np.array([track.drum for track in self.tracks])
            rolls = transposed(rolls, drums, self.data.transpose, noise.uniform("transpose"))
        return {ROLLS: tf.cast(rolls, tf.float32)}

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Read phrases as stored: bool (rows, steps, tracks, pitches), from indices int64 (rows,)."""
        first_bars = self.cache.arrays[self.split].read(indices)
        packed = self.cache.arrays[BARS].read(first_bars[:, None] + np.arange(self.data.bars))
        rolls = np.unpackbits(packed, axis=-1, count=self.pitches.count).astype(np.bool_)
        return rolls.reshape(len(rolls), self.data.steps, len(self.tracks), self.pitches.count)


def unpack(packed: tf.Tensor, count: int) -> tf.Tensor:
    """Unpack bits, most significant first: uint8 (..., bytes) to uint8 (..., count) of 0 and 1."""
    shifts = tf.constant(np.arange(7, -1, -1), tf.uint8)
    bits = tf.bitwise.bitwise_and(tf.bitwise.right_shift(packed[..., None], shifts), tf.constant(1, tf.uint8))
    shape = tf.concat([tf.shape(packed)[:-1], [8 * packed.shape[-1]]], axis=0)
    return tf.reshape(bits, shape)[..., :count]


def transposed(rolls: tf.Tensor, drums: np.ndarray, most: int, place: tf.Tensor) -> tf.Tensor:
    """Move the pitches of each phrase by a number of semitones that loses no note.

    Args:
        rolls: uint8 (rows, steps, tracks, pitches) of 0 and 1.
        drums: bool (tracks,); these tracks stay.
        most: the largest move, up or down.
        place: float32 (rows,) uniform in [0, 1): which of the possible moves.

    Returns:
        As `rolls`.
    """
    count = rolls.shape[-1]
    used = tf.reduce_max(tf.boolean_mask(rolls, ~drums, axis=2), axis=[1, 2])
    lowest = tf.argmax(used, axis=1, output_type=tf.int32)
    highest = count - 1 - tf.argmax(used[:, ::-1], axis=1, output_type=tf.int32)
    down, up = tf.minimum(lowest, most), tf.minimum(count - 1 - highest, most)
    moves = tf.cast(down + up + 1, tf.float32)
    shift = tf.minimum(tf.cast(place * moves, tf.int32), down + up) - down
    source = tf.math.floormod(tf.range(count) - shift[:, None], count)
    moved = tf.gather(rolls, source, axis=3, batch_dims=1)
    return tf.where(tf.constant(drums[:, None]), rolls, moved)
