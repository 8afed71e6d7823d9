"""Music made by hand, written with mido: a library that gansuite does not use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import mido
import pytest

from gansuite_music.config import LPD_TRACKS, MusicData, Pitches, Track
from gansuite_music.phrases import reader_settings

TICKS = 480


class Voice(NamedTuple):
    """A track of a MIDI file: (first step, steps, pitch) each, in sixteenths."""

    notes: Sequence[tuple[int, int, int]]
    name: str = ""
    program: int = 0
    channel: int = 0


def midi_file(path: Path, voices: Sequence[Voice], signatures: Sequence[tuple[int, int, int]] = ()) -> Path:
    """Write voices and time signatures (first sixteenth, numerator, denominator) as a type 1 file."""
    song = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    head = [
        (step * TICKS // 4, mido.MetaMessage("time_signature", numerator=above, denominator=below))
        for step, above, below in signatures
    ]
    song.tracks.append(_track(head))
    for voice in voices:
        events = [(0, mido.MetaMessage("track_name", name=voice.name))]
        events.append((0, mido.Message("program_change", channel=voice.channel, program=voice.program)))
        for start, steps, pitch in voice.notes:
            on, off = start * TICKS // 4, (start + steps) * TICKS // 4
            events.append((on, mido.Message("note_on", channel=voice.channel, note=pitch, velocity=64)))
            events.append((off, mido.Message("note_off", channel=voice.channel, note=pitch)))
        song.tracks.append(_track(events))
    song.save(path)
    return path


def _track(events: Sequence[tuple[int, Any]]) -> mido.MidiTrack:
    track, now = mido.MidiTrack(), 0
    for tick, message in sorted(events, key=lambda event: (event[0], event[1].type == "note_on")):
        track.append(message.copy(time=tick - now))
        now = tick
    return track


@pytest.fixture
def write_song(tmp_path: Path) -> Callable[..., Path]:
    """Write a MIDI file into the test's folder: name, voices, signatures."""

    def write(name: str, voices: Sequence[Voice], signatures: Sequence[tuple[int, int, int]] = ()) -> Path:
        path = tmp_path / "songs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return midi_file(path, voices, signatures)

    return write


@pytest.fixture
def voice() -> type[Voice]:
    """A track of a MIDI file."""
    return Voice


@pytest.fixture
def settings_for() -> Callable[..., dict[str, Any]]:
    """Settings of the reader, from settings of data, pitches and tracks."""

    def make(
        tracks: Sequence[Track] = LPD_TRACKS, pitches: Pitches | None = None, **data: Any
    ) -> dict[str, Any]:
        return reader_settings(MusicData(**{"min_notes": 1, **data}), pitches or Pitches(), tracks)

    return make


@pytest.fixture
def merged() -> Callable[[Path], Path]:
    """Make a MIDI file one of type 0, with all of its channels in one track."""

    def merge(path: Path) -> Path:
        song = mido.MidiFile(path)
        together = mido.MidiFile(type=0, ticks_per_beat=song.ticks_per_beat)
        together.tracks.append(mido.merge_tracks(song.tracks))
        together.save(path)
        return path

    return merge
