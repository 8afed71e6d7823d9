"""Piano-rolls as notes, and notes as MIDI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pretty_midi

from gansuite_music.config import Output, Pitches, Track

#: Ticks in a quarter, rounded to a whole number of ticks in a step.
TICKS = 480


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


def write_midi(
    path: Path,
    roll: np.ndarray,
    tracks: Sequence[Track],
    pitches: Pitches,
    output: Output,
    *,
    steps_per_beat: int,
    beats_per_bar: int,
) -> None:
    """Write a phrase as a MIDI file: a track each, drums on channel 10, a tempo and a time signature.

    Args:
        path: of the file.
        roll: bool (steps, tracks, pitches).
        tracks, pitches, output: the settings.
        steps_per_beat, beats_per_bar: its metre, in quarters.

    Reading it back gives the same piano-roll.
    """
    seconds = 60 / output.tempo / steps_per_beat
    resolution = steps_per_beat * max(1, round(TICKS / steps_per_beat))
    song = pretty_midi.PrettyMIDI(resolution=resolution, initial_tempo=output.tempo)
    song.time_signature_changes.append(pretty_midi.TimeSignature(beats_per_bar, 4, 0))
    for index, track in enumerate(tracks):
        instrument = pretty_midi.Instrument(
            # MIDI names are bytes: pretty_midi writes those of Latin-1, and readers take them for UTF-8.
            0 if track.drum else track.program,
            is_drum=track.drum,
            name=track.encoded.decode("latin-1"),
        )
        notes = notes_of(roll[:, index], pitches.low, drum=track.drum)
        instrument.notes = [
            pretty_midi.Note(output.velocity, int(pitch), start * seconds, end * seconds)
            for start, end, pitch in zip(notes.start, notes.end, notes.pitch, strict=True)
        ]
        song.instruments.append(instrument)
    song.write(str(path))
