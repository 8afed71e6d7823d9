"""Piano-rolls as notes, and notes as MIDI."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import tensorflow as tf

from gansuite_music.config import MuseGAN
from gansuite_music.smf import midi_files


@dataclass(frozen=True, kw_only=True)
class TrackNotes:
    """The notes of one track, by pitch and then by time.

    Args:
        start, end: steps, int64 (notes,), end > start.
        pitch: MIDI pitches, int64 (notes,).
    """

    start: np.ndarray
    end: np.ndarray
    pitch: np.ndarray


def notes_of(roll: np.ndarray, low: int, *, drum: bool = False) -> TrackNotes:
    """Return the notes of a track's piano-roll: the longest stretches in which one pitch sounds.

    Args:
        roll: bool (steps, pitches).
        low: MIDI pitch of the first.
        drum: a drum is struck in every step it sounds in, so each is a note of its own.
    """
    if drum:
        pitch, start = np.nonzero(roll.T)
        return TrackNotes(start=start, end=start + 1, pitch=pitch + low)
    silence = np.zeros((roll.shape[1], 1), np.int8)
    changes = np.diff(roll.T.astype(np.int8), axis=1, prepend=silence, append=silence)
    pitch, start = np.nonzero(changes == 1)
    end = np.nonzero(changes == -1)[1]
    return TrackNotes(start=start, end=end, pitch=pitch + low)


def write_midi(path: Path, roll: np.ndarray, config: MuseGAN) -> None:
    """Write a phrase as a MIDI file, of the bytes that a server answers with.

    Args:
        path: of the file.
        roll: bool (steps, tracks, pitches).
        config: the run's settings.

    Reading it back gives the same piano-roll.
    """
    (content,) = _graph(config)(tf.constant(roll[None])).numpy()
    path.write_bytes(content)


@lru_cache(maxsize=4)
def _graph(config: MuseGAN) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return what writes phrases of these settings: one operation after the other takes ten times as long."""

    def write(rolls: tf.Tensor) -> tf.Tensor:
        with tf.device("CPU"):
            return midi_files(rolls, config)

    traced: Callable[[tf.Tensor], tf.Tensor] = tf.function(write, autograph=False)
    return traced
