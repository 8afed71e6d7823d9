from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import symusic
from hypothesis import given, settings
from hypothesis import strategies as st

from gansuite.composition import Request, compose
from gansuite.registry import load
from gansuite_music.config import LPD_TRACKS, Output, Pitches
from gansuite_music.notes import notes_of, write_midi

PITCHES = Pitches(low=30, high=59)
STEPS = 24
DEFAULT = compose(load("musegan"), Request())


def written(roll: np.ndarray, folder: Path, steps_per_beat: int = 4, **output: Any) -> Path:
    path = folder / "a.mid"
    data = dataclasses.replace(DEFAULT.data, steps_per_beat=steps_per_beat, beats_per_bar=3)
    config = dataclasses.replace(
        DEFAULT, data=data, tracks=LPD_TRACKS, pitches=PITCHES, output=Output(**output)
    )
    write_midi(path, roll, config)
    return path


def random_roll(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((STEPS, len(LPD_TRACKS), PITCHES.count)) < 0.3


def read_with_symusic(path: Path, steps_per_beat: int) -> np.ndarray:
    score = symusic.Score(str(path))
    roll = np.zeros((STEPS, len(LPD_TRACKS), PITCHES.count), bool)
    for track in score.tracks:
        index = [one.name for one in LPD_TRACKS].index(track.name)
        assert track.is_drum == LPD_TRACKS[index].drum
        assert track.is_drum or track.program == LPD_TRACKS[index].program
        for note in track.notes:
            first, length = (
                tick * steps_per_beat / score.ticks_per_quarter for tick in (note.time, note.duration)
            )
            assert first == int(first)
            assert length == int(length) >= 1
            roll[int(first) : int(first + length), index, note.pitch - PITCHES.low] = True
    return roll


def read_with_mido(path: Path, steps_per_beat: int) -> np.ndarray:
    song = mido.MidiFile(path)
    step_ticks = song.ticks_per_beat // steps_per_beat
    roll = np.zeros((STEPS, len(LPD_TRACKS), PITCHES.count), bool)
    for track in song.tracks[1:]:
        index = [one.name for one in LPD_TRACKS].index(track.name)
        now, sounding = 0, set()
        for message in track:
            ended = now + message.time
            roll[now // step_ticks : ended // step_ticks, index, sorted(sounding)] = True
            now = ended
            if message.type in ("note_on", "note_off"):
                assert (message.channel == 9) == LPD_TRACKS[index].drum
                if message.type == "note_on" and message.velocity:
                    assert message.note - PITCHES.low not in sounding
                    sounding.add(message.note - PITCHES.low)
                else:
                    sounding.remove(message.note - PITCHES.low)
        assert not sounding
    return roll


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(1, 60), (4, 100), (7, 117.3), (24, 100)]))
def test_midi_read_back_is_the_piano_roll(seed: int, pace: tuple[int, float]) -> None:
    steps_per_beat, tempo = pace
    roll = random_roll(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = written(roll, Path(folder), steps_per_beat, tempo=tempo)
        np.testing.assert_array_equal(read_with_symusic(path, steps_per_beat), roll)
        np.testing.assert_array_equal(read_with_mido(path, steps_per_beat), roll)


def test_file_has_the_tempo_metre_velocity_names_and_programs_of_the_settings(tmp_path: Path) -> None:
    song = mido.MidiFile(written(random_roll(0), tmp_path, tempo=90, velocity=33))
    messages = [message for track in song.tracks for message in track]
    tempos = [message.tempo for message in messages if message.type == "set_tempo"]
    assert [round(mido.tempo2bpm(tempo), 2) for tempo in tempos] == [90]
    metres = [(one.numerator, one.denominator) for one in messages if one.type == "time_signature"]
    assert metres == [(3, 4)]
    assert {one.velocity for one in messages if one.type == "note_on"} - {0} == {33}
    names = [track.name for track in song.tracks[1:]]
    assert names == [track.name for track in LPD_TRACKS]
    programs = {one.channel: one.program for one in messages if one.type == "program_change"}
    assert sorted(program for channel, program in programs.items() if channel != 9) == [0, 25, 33, 48]
    drum_channels = {one.channel for one in song.tracks[1] if one.type == "note_on"}
    assert drum_channels == {9}


@pytest.mark.parametrize("last", [None, 3, STEPS - 1])
def test_every_track_of_notes_ends_where_the_phrase_does(tmp_path: Path, last: int | None) -> None:
    roll = np.zeros((STEPS, len(LPD_TRACKS), PITCHES.count), bool)
    if last is not None:
        roll[last, :, 0] = True
    song = mido.MidiFile(written(roll, tmp_path, 4, tempo=120))
    ends = [sum(message.time for message in track) for track in song.tracks[1:]]
    assert ends == [STEPS * song.ticks_per_beat // 4] * len(LPD_TRACKS)
    assert song.length == pytest.approx(STEPS / 4 * 60 / 120)


def test_the_tempo_is_the_nearest_there_is(tmp_path: Path) -> None:
    song = mido.MidiFile(written(random_roll(0), tmp_path, tempo=117.3))
    assert [message.tempo for message in song.tracks[0] if message.type == "set_tempo"] == [511_509]


def test_notes_are_the_longest_stretches_of_a_pitch() -> None:
    roll = np.zeros((6, 3), bool)
    roll[[0, 1, 3, 4, 5], 1] = True
    roll[2, 2] = True
    notes = notes_of(roll, 60)
    assert list(zip(notes.start, notes.end, notes.pitch, strict=True)) == [(0, 2, 61), (3, 6, 61), (2, 3, 62)]
    strokes = notes_of(roll, 60, drum=True)
    assert list(zip(strokes.start, strokes.end, strict=True)) == [
        (0, 1),
        (1, 2),
        (3, 4),
        (4, 5),
        (5, 6),
        (2, 3),
    ]


def test_silence_is_written_too(tmp_path: Path) -> None:
    song = mido.MidiFile(written(np.zeros((STEPS, 5, PITCHES.count), bool), tmp_path))
    assert not [message for track in song.tracks for message in track if message.type == "note_on"]
    assert song.type == 1


@pytest.mark.parametrize("steps_per_beat", [1, 4, 5, 48])
def test_steps_are_whole_ticks(tmp_path: Path, steps_per_beat: int) -> None:
    song = mido.MidiFile(written(random_roll(1), tmp_path, steps_per_beat))
    assert song.ticks_per_beat % steps_per_beat == 0
