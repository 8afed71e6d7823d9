"""MIDI files made by a graph hold the notes of the phrase."""

from __future__ import annotations

import dataclasses
import io

import mido
import numpy as np
import pretty_midi
import pytest
import symusic
import tensorflow as tf

from gansuite_music.config import LPD_TRACKS, MuseGAN, MusicData, Pitches, Track
from gansuite_music.notes import notes_of
from gansuite_music.smf import midi_files

Notes = set[tuple[str, int, int, int]]


def settings() -> MuseGAN:
    data = MusicData(bars=2, beats_per_bar=3, steps_per_beat=4)
    return MuseGAN(data=data, tracks=LPD_TRACKS, pitches=Pitches(low=30, high=59))


def rolls(config: MuseGAN) -> np.ndarray:
    """Nothing, everything, single steps, and noise thin and thick."""
    shape = (config.data.steps, len(config.tracks), config.pitches.count)
    random = np.random.default_rng(0)
    corners = np.zeros(shape, bool)
    corners[[0, -1]] = True
    thin, thick = (random.random(shape) < share for share in (0.01, 0.5))
    return np.stack([np.zeros(shape, bool), np.ones(shape, bool), corners, thin, thick])


def expected(roll: np.ndarray, config: MuseGAN, ticks: int) -> Notes:
    found: Notes = set()
    for index, track in enumerate(config.tracks):
        notes = notes_of(roll[:, index], config.pitches.low, drum=track.drum)
        found |= {
            (track.name, int(pitch), int(start) * ticks, int(end) * ticks)
            for pitch, start, end in zip(notes.pitch, notes.start, notes.end, strict=True)
        }
    return found


def made(config: MuseGAN) -> tuple[np.ndarray, list[bytes]]:
    given = rolls(config)
    return given, list(tf.function(lambda rows: midi_files(rows, config))(tf.constant(given)).numpy())


def test_three_readers_find_the_notes_of_the_phrase() -> None:
    config = settings()
    ticks = 480 // config.data.steps_per_beat
    for roll, content in zip(*made(config), strict=True):
        wanted = expected(roll, config, ticks)
        score = symusic.Score.from_midi(content)
        assert score.ticks_per_quarter == 480
        found = {
            (track.name, note.pitch, note.time, note.time + note.duration)
            for track in score.tracks
            for note in track.notes
        }
        assert found == wanted
        song = pretty_midi.PrettyMIDI(io.BytesIO(content))
        found = {
            (track.name, note.pitch, song.time_to_tick(note.start), song.time_to_tick(note.end))
            for track in song.instruments
            for note in track.notes
        }
        assert found == wanted
        file = mido.MidiFile(file=io.BytesIO(content))
        assert sum(message.type == "note_on" for message in file) == len(wanted)
        assert file.length == pytest.approx(
            config.data.steps / config.data.steps_per_beat * 60 / config.output.tempo
        )


def test_long_waits_take_more_bytes() -> None:
    data = MusicData(bars=8, beats_per_bar=12, steps_per_beat=2)
    config = MuseGAN(data=data, tracks=LPD_TRACKS[:2], pitches=Pitches(low=60, high=62))
    roll = np.zeros((1, data.steps, 2, 3), bool)
    roll[0, -1, 1, 1] = True
    (content,) = midi_files(tf.constant(roll), config).numpy()
    (note,) = symusic.Score.from_midi(content).tracks[-1].notes
    assert (note.time, note.duration, note.pitch) == (240 * (data.steps - 1), 240, 61)
    assert note.time > 2**14


def test_names_of_tracks_are_utf_8() -> None:
    names = ("Flöte", "ピアノ", "ö" * 100)
    config = dataclasses.replace(settings(), tracks=tuple(Track(name=name) for name in names))
    roll = np.ones([1, config.data.steps, len(names), config.pitches.count], bool)
    (content,) = midi_files(tf.constant(roll), config).numpy()
    found = [track.name for track in symusic.Score.from_midi(content).tracks if track.note_num()]
    assert found == ["Flöte", "ピアノ", "ö" * 63]
