from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gansuite.data.workers import Unusable
from gansuite_music.config import LPD_TRACKS, Pitches, Track
from gansuite_music.midi import read_song

Settings = dict[str, Any]
BAR = 16
PIANO = (Track(name="Piano", programs=("others",)),)


def roll_of(path: Path, settings: Settings) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Return the bars joined, bool (steps, tracks, pitches), the phrases' first bars, and the facts."""
    facts, (bars, starts) = read_song(path, settings)
    pitches = settings["high"] - settings["low"] + 1
    packed = np.frombuffer(bars, np.uint8).reshape(-1, len(settings["drums"]), -(-pitches // 8))
    roll = np.unpackbits(packed, axis=-1, count=pitches).astype(bool)
    return roll, np.frombuffer(starts, "<i4"), facts


def cells(roll: np.ndarray, low: int = 24) -> set[tuple[int, int, int]]:
    return {
        (int(step), int(track), int(pitch) + low)
        for step, track, pitch in zip(*np.nonzero(roll), strict=True)
    }


def test_notes_sound_from_their_first_step_to_their_last(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    path = write_song("a.mid", [voice([(0, 4, 60), (4, 2, 62), (20, 1, 60)])])
    roll, starts, facts = roll_of(path, settings_for(PIANO))
    wanted = {(step, 0, 60) for step in (0, 1, 2, 3, 20)} | {(4, 0, 62), (5, 0, 62)}
    assert cells(roll) == wanted
    assert len(roll) == 2 * BAR
    assert list(starts) == [0]
    assert facts == {"bars": 2, "notes": [3], "out_of_range": 0, "unmapped": 0}


def test_programs_and_channel_10_choose_the_track(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    by_track = ((0, 9), (4, 0), (30, 1), (39, 2), (73, 3))
    voices = [
        voice([(0, 4, 60 + index), (28, 4, 60 + index)], program=program, channel=channel)
        for index, (program, channel) in enumerate(by_track)
    ]
    path = write_song("a.mid", voices)
    roll, _, facts = roll_of(path, settings_for())
    assert {(track, pitch) for _, track, pitch in cells(roll)} == {(index, 60 + index) for index in range(5)}
    assert facts["unmapped"] == 0
    roll, _, facts = roll_of(path, settings_for(LPD_TRACKS[1:4]))
    assert {(track, pitch) for _, track, pitch in cells(roll)} == {(0, 61), (1, 62), (2, 63)}
    assert facts["unmapped"] == 4


def test_names_choose_the_track_whatever_the_program(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    path = write_song(
        "a.mid", [voice([(0, 32, 60)], name="Lead MELODY"), voice([(0, 32, 48)], name="rest", channel=1)]
    )
    tracks = (Track(name="Rest", programs=("others",)), Track(name="Tune", names=("*melody",)))
    roll, _, _ = roll_of(path, settings_for(tracks))
    assert {(track, pitch) for _, track, pitch in cells(roll)} == {(0, 48), (1, 60)}


def test_brackets_in_names_stand_for_themselves(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    voices = [voice([(0, 32, 60)], name="Tune [A]"), voice([(0, 32, 48)], name="tune a", channel=1)]
    path = write_song("a.mid", voices)
    roll, _, facts = roll_of(path, settings_for((Track(name="Tune", names=("tune [a]",)),)))
    assert {pitch for _, _, pitch in cells(roll)} == {60}
    assert facts["unmapped"] == 1


def test_percussion_is_read_as_drums_only_whatever_it_is_called(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    strokes = [(0, 1, 36), (16, 1, 36)]
    voices = [voice([(0, 32, 60)], name="Song"), voice(strokes, name="Song", channel=9)]
    path = write_song("a.mid", voices)
    song, kit = Track(name="Song", names=("song",)), Track(name="Kit", drum=True)
    roll, _, _ = roll_of(path, settings_for((song, kit)))
    assert {(track, pitch) for _, track, pitch in cells(roll)} == {(0, 60), (1, 36)}
    _, _, facts = roll_of(path, settings_for((song,)))
    assert facts["unmapped"] == 2


def test_drums_of_other_channels_are_read_by_their_names(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    voices = [voice([(0, 32, 60)]), voice([(0, 8, 36), (16, 8, 38)], name="Kit", channel=1)]
    path = write_song("a.mid", voices)
    roll, _, _ = roll_of(path, settings_for((*PIANO, Track(name="Drums", drum=True, names=("kit",)))))
    assert {cell for cell in cells(roll) if cell[1] == 1} == {(0, 1, 36), (16, 1, 38)}


def test_the_title_of_a_type_0_file_names_none_of_its_channels(
    write_song: Callable[..., Path],
    voice: Any,
    settings_for: Callable[..., Settings],
    merged: Callable[[Path], Path],
) -> None:
    voices = [
        voice([(0, 32, 60)], name="My Song"),
        voice([(0, 32, 40)], name="My Song", program=33, channel=1),
        voice([(0, 1, 36), (16, 1, 36)], name="My Song", channel=9),
    ]
    named = Track(name="Named", names=("my song",))
    tracks = (named, Track(name="Bass", programs=("33",)), *PIANO, Track(name="Kit", drum=True))
    roll, _, _ = roll_of(merged(write_song("a.mid", voices)), settings_for(tracks))
    assert {(track, pitch) for _, track, pitch in cells(roll)} == {(1, 40), (2, 60), (3, 36)}
    roll, _, _ = roll_of(merged(write_song("b.mid", voices[:1])), settings_for(tracks))
    assert {(track, pitch) for _, track, pitch in cells(roll)} == {(0, 60)}, "one channel is what is named"


@pytest.mark.parametrize(("keep", "kept"), [("highest", 67), ("lowest", 60)])
def test_track_of_one_voice_keeps_the_outer_pitch(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings], keep: str, kept: int
) -> None:
    path = write_song("a.mid", [voice([(0, 32, 60), (0, 32, 64), (0, 16, 67), (16, 16, 67)])])
    track = Track(name="Tune", programs=("others",), voices="one", keep=keep)  # type: ignore[arg-type]
    roll, _, _ = roll_of(path, settings_for((track,)))
    assert cells(roll) == {(step, 0, kept) for step in range(32)}


def test_drum_strokes_in_neighbouring_steps_stay_apart_from_held_notes(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    path = write_song("a.mid", [voice([(0, 8, 36), (16, 1, 38), (17, 1, 38)], channel=9)])
    roll, _, _ = roll_of(path, settings_for())
    assert cells(roll) == {(0, 0, 36), (16, 0, 38), (17, 0, 38)}


def test_songs_are_moved_to_c_but_drums_are_not(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    e_major = [(4 * index, 4, pitch) for index, pitch in enumerate((64, 66, 68, 69, 71, 73, 75, 76))]
    path = write_song("a.mid", [voice(e_major), voice([(0, 1, 36)], channel=9)])
    roll, _, _ = roll_of(path, settings_for(key="normalise"))
    found = cells(roll)
    assert {pitch for _, track, pitch in found if track == 0} == {36}
    assert {pitch % 12 for _, track, pitch in found if track == 1} == {0, 2, 4, 5, 7, 9, 11}
    assert min(pitch for _, track, pitch in found if track == 1) == 60
    unmoved, _, _ = roll_of(path, settings_for(key="as-is"))
    assert min(pitch for _, track, pitch in cells(unmoved) if track == 1) == 64


def test_notes_out_of_range_are_left_out_and_counted(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    path = write_song("a.mid", [voice([(0, 32, 60), (0, 32, 47), (0, 32, 73)])])
    roll, _, facts = roll_of(path, settings_for(PIANO, Pitches(low=48, high=72)))
    assert {pitch for _, _, pitch in cells(roll, low=48)} == {60}
    assert facts["out_of_range"] == 2


def test_bar_lines_follow_the_time_signatures(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    notes = [(step, 1, 60 + step // 4 % 12) for step in range(0, 12 + 64, 4)]
    path = write_song("a.mid", [voice(notes)], [(0, 3, 4), (12, 4, 4)])
    by_file, starts, _ = roll_of(path, settings_for(PIANO))
    assert list(starts) == [0, 1, 2]
    assert cells(by_file[:1]) == {(0, 0, 63)}, "the first bar of 4/4 begins after the bar of 3/4"
    by_settings, starts, _ = roll_of(path, settings_for(PIANO, metre="settings"))
    assert cells(by_settings[:1]) == {(0, 0, 60)}
    assert len(by_settings) == 5 * BAR
    assert list(starts) == [0, 1, 2, 3]


def test_phrases_do_not_cross_a_change_of_metre(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    notes = [(step, 2, 60) for step in range(0, 44 + 48, 4)]
    path = write_song("a.mid", [voice(notes)], [(0, 4, 4), (32, 3, 4), (44, 2, 4)])
    _, starts, facts = roll_of(path, settings_for(PIANO))
    assert facts["bars"] == 5
    assert list(starts) == [0, 2, 3]


@pytest.mark.parametrize(
    "signatures",
    [
        [(BAR * bar, 4, 4) for bar in range(8)],
        [(0, 4, 4), (4 * BAR, 4, 4)],
        [(0, 4, 4), (4 * BAR, 2, 2)],
        [(3 * BAR, 4, 4)],
        [(0, 2, 4), (3 * BAR // 2, 2, 4)],
    ],
)
def test_signatures_that_leave_the_bar_lines_change_nothing(
    write_song: Callable[..., Path],
    voice: Any,
    settings_for: Callable[..., Settings],
    signatures: list[tuple[int, int, int]],
) -> None:
    path = write_song("a.mid", [voice([(step, 2, 60) for step in range(0, 8 * BAR, 4)])], signatures)
    _, starts, facts = roll_of(path, settings_for(PIANO))
    assert facts["bars"] == 8
    assert list(starts) == list(range(7))


def test_a_signature_within_a_bar_begins_new_bars_unless_the_steps_are_the_same(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    notes = [(step, 1, 60 + step // 4 % 4) for step in range(0, 8 * BAR, 4)]
    path = write_song("a.mid", [voice(notes)], [(0, 4, 4), (4 * BAR - 4, 4, 4)])
    roll, starts, _ = roll_of(path, settings_for(PIANO))
    assert list(starts) == [0, 1, 3, 4, 5, 6]
    assert (3 * BAR, 0, 63) in cells(roll), "the fourth bar begins a beat earlier"
    path = write_song("a.mid", [voice(notes)], [(0, 4, 4), (4 * BAR - 1, 4, 4)])
    assert list(roll_of(path, settings_for(PIANO, steps_per_beat=1))[1]) == list(range(7))


def test_phrases_hop_by_whole_bars(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    path = write_song("a.mid", [voice([(0, 8 * BAR, 60)])])
    assert list(roll_of(path, settings_for(PIANO, bars=4, hop_bars=2))[1]) == [0]
    notes = [(step, 4, 60) for step in range(0, 8 * BAR, 8)]
    path = write_song("b.mid", [voice(notes)])
    assert list(roll_of(path, settings_for(PIANO, bars=4, hop_bars=2))[1]) == [0, 2, 4]


def test_phrases_with_too_little_in_them_are_left_out(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    dense = [(step, 1, 60) for step in range(0, 2 * BAR, 2)]
    path = write_song(
        "a.mid", [voice([*dense, (5 * BAR, BAR, 60)]), voice([(0, 8, 40)], program=33, channel=1)]
    )
    assert list(roll_of(path, settings_for())[1]) == [0, 1, 4]
    assert list(roll_of(path, settings_for(min_notes=9))[1]) == [0]
    assert list(roll_of(path, settings_for(min_tracks=2))[1]) == [0]
    with pytest.raises(Unusable, match="enough notes and tracks"):
        roll_of(path, settings_for(min_tracks=3))


def test_steps_are_as_fine_as_asked_for(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    path = write_song("a.mid", [voice([(1, 1, 60), (16, 16, 60)])])
    roll, _, _ = roll_of(path, settings_for(PIANO, steps_per_beat=12))
    assert len(roll) == 2 * 48
    assert {step for step, _, _ in cells(roll)} == {3, 4, 5, *range(48, 96)}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        (b"RIFF1234WAVE", "not a MIDI file"),
        (b"MThd\0\0", "cut off"),
        (b"MThd\0\0\0\x06\0\x02\0\x01\x01\xe0MTrk\0\0\0\x04\0\xff\x2f\0", "type 2"),
        (b"MThd\0\0\0\x06\0\x00\0\x01\0\0MTrk\0\0\0\x04\0\xff\x2f\0", "zero ticks"),
        (b"MThd\0\0\0\x06\0\x00\0\x01\xe7\x28MTrk\0\0\0\x04\0\xff\x2f\0", "film frames"),
        (b"MThd\0\0\0\x06\0\x00\0\x01\x01\xe0MTrk\0\0\0\x04\0\xff\x2f\0", "no notes"),
    ],
)
def test_unusable_files_say_why(
    tmp_path: Path, settings_for: Callable[..., Settings], data: bytes, reason: str
) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(data)
    with pytest.raises(Unusable, match=reason):
        read_song(path, settings_for())


def test_absurdly_long_and_large_files_are_refused(
    write_song: Callable[..., Path], voice: Any, tmp_path: Path, settings_for: Callable[..., Settings]
) -> None:
    path = write_song("long.mid", [voice([(0, 1, 60), (1_000_000, 1, 60)])])
    with pytest.raises(Unusable, match="longer than"):
        read_song(path, settings_for())
    large = tmp_path / "large.mid"
    with large.open("wb") as file:
        file.write(b"MThd")
        file.truncate(1 << 30)
    with pytest.raises(Unusable, match="larger than"):
        read_song(large, settings_for())


def test_a_song_in_another_metre_is_refused(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    path = write_song("a.mid", [voice([(0, 96, 60)])], [(0, 3, 4)])
    with pytest.raises(Unusable, match="no bars of 4 beats"):
        read_song(path, settings_for())
    roll, _, _ = roll_of(path, settings_for(PIANO, beats_per_bar=3))
    assert len(roll) == 96


def test_an_upbeat_is_no_bar_where_the_rest_is_in_another_metre(
    write_song: Callable[..., Path], voice: Any, settings_for: Callable[..., Settings]
) -> None:
    waltz = voice([(step, 4, 60) for step in range(0, 4 + 8 * 12, 4)])
    path = write_song("a.mid", [waltz], [(0, 1, 4), (4, 3, 4)])
    with pytest.raises(Unusable, match="no bars of 4 beats"):
        read_song(path, settings_for())
    _, _, facts = roll_of(path, settings_for(PIANO, beats_per_bar=3))
    assert facts["bars"] == 8


@pytest.mark.parametrize("order", [("symusic", "gansuite_music.midi"), ("gansuite_music.midi", "symusic")])
def test_reader_and_symusic_live_in_one_process_in_either_order(
    write_song: Callable[..., Path], voice: Any, order: tuple[str, str]
) -> None:
    path = write_song("a.mid", [voice([(0, 4, 60)])])
    code = (
        f"import {order[0]}, {order[1]}, sys; data = open(sys.argv[1], 'rb').read();"
        "print(symusic.Score.from_midi(data).tracks[0].note_num(), end=' ');"
        "print(gansuite_music.midi.PARSER.from_midi(data).tracks[0].note_num())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "1 1\n"
