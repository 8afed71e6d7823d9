"""MIDI files made by a graph hold the notes that are written otherwise."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import mido
import numpy as np
import pretty_midi
import pytest
import symusic
import tensorflow as tf

from gansuite_music.config import LPD_TRACKS, MuseGAN, MusicData, Output, Pitches, Track
from gansuite_music.notes import notes_of, write_midi
from gansuite_music.smf import midi_files

Notes = set[tuple[str, int, int, int]]


def settings(**more: object) -> MuseGAN:
    data = MusicData(bars=2, beats_per_bar=3, steps_per_beat=4)
    return MuseGAN(data=data, tracks=LPD_TRACKS, pitches=Pitches(low=30, high=59), **more)  # type: ignore[arg-type]


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


def test_it_is_the_file_that_is_written_otherwise(tmp_path: Path) -> None:
    config = settings(output=Output(tempo=93.0, velocity=77))
    data = config.data
    for roll, content in zip(*made(config), strict=True):
        write_midi(
            tmp_path / "a.mid", roll, config.tracks, config.pitches, config.output,
            steps_per_beat=data.steps_per_beat, beats_per_bar=data.beats_per_bar,
        )  # fmt: skip
        ours, other = symusic.Score.from_midi(content), symusic.Score(tmp_path / "a.mid")
        assert [(one.time, one.numerator, one.denominator) for one in ours.time_signatures] == [(0, 3, 4)]
        assert ours.tempos[0].qpm == pytest.approx(other.tempos[0].qpm)
        named = {track.name: track for track in other.tracks}
        for track in ours.tracks:
            if track.notes:
                same = named[track.name]
                assert (track.program, track.is_drum) == (same.program, same.is_drum)
                assert sorted(map(str, track.notes)) == sorted(map(str, same.notes))


def test_long_waits_take_more_bytes() -> None:
    data = MusicData(bars=8, beats_per_bar=12, steps_per_beat=2)
    config = MuseGAN(data=data, tracks=LPD_TRACKS[:2], pitches=Pitches(low=60, high=62))
    roll = np.zeros((1, data.steps, 2, 3), bool)
    roll[0, -1, 1, 1] = True
    (content,) = midi_files(tf.constant(roll), config).numpy()
    (note,) = symusic.Score.from_midi(content).tracks[-1].notes
    assert (note.time, note.duration, note.pitch) == (240 * (data.steps - 1), 240, 61)
    assert note.time > 2**14


def test_names_of_tracks_are_utf_8_in_both_ways_of_writing(tmp_path: Path) -> None:
    names = ("Flöte", "ピアノ", "ö" * 100)
    config = dataclasses.replace(settings(), tracks=tuple(Track(name=name) for name in names))
    roll = np.ones([config.data.steps, len(names), config.pitches.count], bool)
    write_midi(
        tmp_path / "a.mid", roll, config.tracks, config.pitches, config.output,
        steps_per_beat=config.data.steps_per_beat, beats_per_bar=config.data.beats_per_bar,
    )  # fmt: skip
    for content in (
        (tmp_path / "a.mid").read_bytes(),
        midi_files(tf.constant(roll[None]), config).numpy()[0],
    ):
        found = [track.name for track in symusic.Score.from_midi(content).tracks if track.note_num()]
        assert found == ["Flöte", "ピアノ", "ö" * 63]
