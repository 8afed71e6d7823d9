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
        place = noise.uniform("transpose")
        rolls = tf.numpy_function(self._decoded, [indices, place], tf.float32, stateful=False)
        rolls.set_shape([*indices.shape, *self.spec[ROLLS].shape])
        return {ROLLS: rolls}

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Read phrases as stored: bool (rows, steps, tracks, pitches), from indices int64 (rows,)."""
        return self._unpacked(indices).astype(np.bool_)

    def _decoded(self, indices: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Read and decode in numpy: several times faster than the same in TensorFlow operations."""
        rolls = self._unpacked(indices)
        if self.split == "train" and self.data.transpose:
            drums = np.array([track.drum for track in self.tracks])
            rolls = transposed(rolls, drums, self.data.transpose, place)
        return rolls.astype(np.float32)

    def _unpacked(self, indices: np.ndarray) -> np.ndarray:
        first_bars = self.cache.arrays[self.split].read(indices)
        packed = self.cache.arrays[BARS].read(first_bars[:, None] + np.arange(self.data.bars))
        rolls = np.unpackbits(packed, axis=-1, count=self.pitches.count)
        return rolls.reshape(len(rolls), self.data.steps, len(self.tracks), self.pitches.count)


def transposed(rolls: np.ndarray, drums: np.ndarray, most: int, place: np.ndarray) -> np.ndarray:
    """Move the pitches of each phrase by a number of semitones that loses no note.

    Args:
        rolls: uint8 (rows, steps, tracks, pitches) of 0 and 1.
        drums: bool (tracks,); these tracks stay.
        most: the largest move, up or down.
        place: float32 (rows,) in [0, 1): which of the possible moves, from the lowest to the highest.

    Returns:
        As `rolls`.
    """
    if drums.all():
        return rolls
    count = rolls.shape[-1]
    used = np.bitwise_or.reduce(np.bitwise_or.reduce(rolls, axis=1)[:, ~drums], axis=1)
    down = np.minimum(used.argmax(axis=1), most)
    up = np.minimum(used[:, ::-1].argmax(axis=1), most)
    moves = np.minimum((place * (down + up + 1)).astype(np.int64), down + up) - down
    result = np.zeros_like(rolls)
    for row, move in enumerate(moves):
        lowest, highest = max(0, move), count + min(0, move)
        result[row, :, :, lowest:highest] = rolls[row, :, :, lowest - move : highest - move]
    result[:, :, drums] = rolls[:, :, drums]
    return result
