from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gansuite.config import assignments, resolve
from gansuite.data.cache import Cache
from gansuite.errors import DataError
from gansuite_music.config import LPD_TRACKS, MuseGAN, MusicData, Pitches, Track
from gansuite_music.phrases import prepare_phrases, reader_settings, split_songs
from gansuite_music.suggesting import tracks_found

PIANO = (Track(name="Piano", programs=("others",)),)


def prepare(path: Path, **data: Any) -> Cache:
    return prepare_phrases(path, MusicData(**{"min_notes": 1, **data}), Pitches(), PIANO)


def songs(write_song: Callable[..., Path], voice: Any, count: int) -> Path:
    for index in range(count):
        notes = [(step, 2, 48 + index) for step in range(0, 16 * (2 + index), 4)]
        path = write_song(f"song {index}.mid", [voice(notes)])
    return path.parent


@pytest.mark.usefixtures("data_home")
def test_songs_do_not_share_phrases_between_splits(write_song: Callable[..., Path], voice: Any) -> None:
    cache = prepare(songs(write_song, voice, 10), valid_share=0.3)
    pitches = {}
    for split in ("train", "valid"):
        bars = cache.arrays["bars"].read(cache.arrays[split].read(np.arange(cache.arrays[split].shape[0])))
        pitches[split] = set(np.nonzero(np.unpackbits(bars, axis=-1))[-1])
    assert len(pitches["valid"]) == 3
    assert len(pitches["train"]) == 7
    assert not pitches["train"] & pitches["valid"]
    assert cache.info["songs"] == 10


@pytest.mark.usefixtures("data_home")
def test_a_single_song_is_in_both_splits(write_song: Callable[..., Path], voice: Any) -> None:
    folder = songs(write_song, voice, 1)
    for path in (folder, folder / "song 0.mid"):
        cache = prepare(path)
        assert cache.arrays["train"].shape == cache.arrays["valid"].shape == (1,)


def test_the_split_depends_on_names_only() -> None:
    names = [f"{index}.mid" for index in range(100)]
    first = split_songs(names, 0.2)
    assert len(first["valid"]) == 20
    assert first == split_songs(reversed(names), 0.2)
    assert set(split_songs([*names, "another.mid"], 0.2)["valid"]) - {"another.mid"} <= set(first["valid"])


@pytest.mark.usefixtures("data_home")
def test_unusable_files_are_listed_by_reason_and_stop_nothing(
    write_song: Callable[..., Path], voice: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = songs(write_song, voice, 3)
    good = (folder / "song 0.mid").read_bytes()
    (folder / "cut.mid").write_bytes(good[: len(good) // 2])
    (folder / "deeper").mkdir()
    (folder / "deeper" / "nothing.mid").write_bytes(b"")
    (folder / "text.MID").write_text("not music")
    (folder / "notes.txt").write_text("not music")
    (folder / "gone.mid").symlink_to(folder / "nowhere.mid")
    with (folder / "huge.mid").open("wb") as file:
        file.truncate(1 << 31)
    info = prepare(folder).info
    reasons = {name: reason for reason, names in info["skipped"].items() for name in names}
    assert reasons["deeper/nothing.mid"] == "empty file"
    assert reasons["text.MID"] == "not a MIDI file"
    assert reasons["notes.txt"].startswith("not a MIDI file (its name")
    assert reasons["gone.mid"].startswith("cannot be opened")
    assert reasons["huge.mid"] == "larger than 16 MiB"
    assert set(reasons) <= {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert info["files"] == info["songs"] + len(reasons) == 9
    said = capfd.readouterr().err
    assert f"{len(reasons)} of 9 files not used" in said
    assert said.count("deeper/nothing.mid") == 1


@pytest.mark.usefixtures("data_home")
def test_nothing_usable_says_where_and_why(
    write_song: Callable[..., Path], voice: Any, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match="no usable MIDI file") as refused:
        prepare(empty)
    assert str(empty) in str(refused.value)
    write_song("drums.mid", [voice([(0, 32, 40)], channel=9)])
    with pytest.raises(DataError, match=r"no track of the wanted names or programs: drums\.mid"):
        prepare(tmp_path / "songs")
    with pytest.raises(DataError):
        prepare(tmp_path / "missing")


@pytest.mark.usefixtures("data_home")
def test_music_is_prepared_anew_only_for_settings_that_matter(
    write_song: Callable[..., Path], voice: Any
) -> None:
    folder = songs(write_song, voice, 3)
    first = prepare(folder)
    assert prepare(folder, transpose=3, source="elsewhere").folder == first.folder
    assert prepare(folder, valid_share=0.5).folder != first.folder
    assert prepare(folder, bars=1).folder != first.folder
    write_song("another.mid", [voice([(0, 32, 50)])])
    assert prepare(folder).folder != first.folder


@pytest.mark.parametrize(
    "changed",
    [
        {"bars": 1}, {"steps_per_beat": 2}, {"hop_bars": 2}, {"metre": "settings"}, {"key": "normalise"},
        {"min_notes": 2}, {"min_tracks": 2}, {"beats_per_bar": 2},
    ],
)  # fmt: skip
def test_the_reader_is_told_every_setting(changed: dict[str, Any]) -> None:
    default = reader_settings(MusicData(), Pitches(), PIANO)
    assert reader_settings(MusicData(**changed), Pitches(), PIANO) != default
    assert reader_settings(MusicData(), Pitches(low=25), PIANO) != default
    assert reader_settings(MusicData(), Pitches(high=106), PIANO) != default
    for track in (
        Track(name="Piano", programs=("0",)),
        Track(name="Piano", drum=True),
        Track(name="Piano", programs=("others",), names=("x",)),
        Track(name="Piano", programs=("others",), voices="one"),
        Track(name="Piano", programs=("others",), voices="one", keep="lowest"),
    ):
        assert reader_settings(MusicData(), Pitches(), (track,)) != default


def test_preparing_music_needs_no_tensorflow(
    write_song: Callable[..., Path], voice: Any, data_home: Path
) -> None:
    folder = songs(write_song, voice, 2)
    code = (
        "import sys; from pathlib import Path; from gansuite_music.config import *;"
        "from gansuite_music.phrases import prepare_phrases;"
        "print(prepare_phrases(Path(sys.argv[1]), MusicData(), Pitches(), LPD_TRACKS).info['songs']);"
        "print('tensorflow' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "GANSUITE_HOME": str(data_home)},
    )
    assert answer.stdout.split() == ["2", "False"]


@pytest.mark.usefixtures("data_home")
def test_tracks_that_no_file_has_are_named(
    write_song: Callable[..., Path], voice: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = songs(write_song, voice, 2)
    info = prepare_phrases(folder, MusicData(), Pitches(), LPD_TRACKS).info
    assert info["notes"] == {"Drums": 0, "Piano": 8 + 12, "Guitar": 0, "Bass": 0, "Strings": 0}
    said = capfd.readouterr().err
    assert "no file has notes for Drums, Guitar, Bass, Strings" in said
    assert "of 2 files, there is program 0 in 2; to read these: --set 'tracks=" in said


def suggested(said: str) -> tuple[Track, ...]:
    """Return the tracks that a message suggests, read as the command line reads them."""
    *_, given = shlex.split(said.rpartition("to read these: ")[2])
    return resolve(MuseGAN, [assignments([given])]).tracks


@pytest.mark.usefixtures("data_home")
def test_tracks_that_files_have_are_offered_as_settings(write_song: Callable[..., Path], voice: Any) -> None:
    notes = [(step, 2, 48) for step in range(0, 64, 4)]
    for number in range(3):
        voices = [voice(notes, "It's [a] MELODY"), voice(notes, program=33, channel=1)]
        folder = write_song(f"{number}.mid", voices[: 1 + number], ()).parent
    write_song("drums.mid", [voice(notes, "Kit", channel=9)])
    nothing = (Track(name="Lead", programs=("99",)),)
    with pytest.raises(DataError) as refused:
        prepare_phrases(folder, MusicData(), Pitches(), nothing)
    assert "there is It's [a] MELODY in 3, program 33 in 2, drums in 1" in str(refused.value)
    info = prepare_phrases(folder, MusicData(), Pitches(), suggested(str(refused.value))).info
    assert list(info["notes"].values()) == [3 * 16, 2 * 16, 16]


@pytest.mark.usefixtures("data_home")
def test_tracks_that_are_offered_sound_as_they_do_most_often(
    write_song: Callable[..., Path], voice: Any
) -> None:
    notes = [(step, 2, 48) for step in range(0, 64, 4)]
    for number, program in enumerate((40, 41, 40)):
        violin, bass = voice(notes, "Violin", program), voice(notes, "Bass", 33, 1)
        folder = write_song(f"{number}.mid", [violin, bass, voice(notes, "Violin", channel=9)]).parent
    said = str(tracks_found(sorted(folder.iterdir())))
    assert 'name="Violin",program=40,names=["Violin"]' in said
    assert {track.name: track.program for track in suggested(said)} == {"Violin": 40, "Bass": 33, "Drums": 0}


def test_channels_of_type_0_files_are_offered_by_their_programs(
    write_song: Callable[..., Path], voice: Any, merged: Callable[[Path], Path]
) -> None:
    notes = [(step, 2, 48) for step in range(0, 64, 4)]
    voices = [voice(notes, "My Song", 40), voice(notes, "My Song", 33, 1), voice(notes, "My Song", channel=9)]
    said = str(tracks_found([merged(write_song("a.mid", voices))]))
    tracks = suggested(said)
    assert "My Song" not in said
    assert {(track.drum, track.programs) for track in tracks} == {
        (False, ("40",)),
        (False, ("33",)),
        (True, ()),
    }


def test_names_that_differ_in_case_are_offered_as_one_track(
    write_song: Callable[..., Path], voice: Any
) -> None:
    notes = [(step, 2, 48) for step in range(0, 64, 4)]
    write_song("a.mid", [voice(notes, "Piano"), voice(notes, "PIANO", channel=1)])
    folder = write_song("b.mid", [voice(notes, "piano")]).parent
    said = str(tracks_found(sorted(folder.iterdir())))
    assert "there is Piano in 2; to read" in said
    assert [track.name for track in suggested(said)] == ["Piano"]


@pytest.mark.usefixtures("data_home")
def test_tracks_that_are_offered_have_names_of_their_own(write_song: Callable[..., Path], voice: Any) -> None:
    notes = [(step, 2, 48) for step in range(0, 64, 4)]
    melodic = [
        voice(notes, name, channel=index) for index, name in enumerate(("DRUMS", "program 3", "A\x7f"))
    ]
    others = [voice(notes, "Kit", channel=9), voice(notes, "", program=3, channel=4)]
    path = write_song("a.mid", [*others, *melodic])
    tracks = suggested(str(tracks_found([path])))
    names = {track.name for track in tracks}
    assert names == {"DRUMS", "program 3", "A\x7f", "Drums (2)", "Program 3 (2)"}
    info = prepare_phrases(path, MusicData(), Pitches(), tracks).info
    assert info["notes"] == dict.fromkeys(names, 16)


@pytest.mark.usefixtures("data_home")
def test_every_odd_file_is_used_or_listed_with_its_reason(shared_data: Path) -> None:
    folder = shared_data / "midi-odd"
    info = prepare_phrases(folder, MusicData(), Pitches(), LPD_TRACKS).info
    listed = [name for names in info["skipped"].values() for name in names]
    everything = [path for path in folder.rglob("*") if path.is_file() or path.is_symlink()]
    assert len(listed) == len(set(listed))
    assert info["songs"] + len(listed) == info["files"] == len(everything)
    assert info["songs"] >= 70
    reasons = {name: reason for reason, names in info["skipped"].items() for name in names}
    assert reasons["muspy/tests/data/midi/zero-ticks-per-beat.mid"] == "zero ticks per quarter"
    assert reasons["jazz-soft/midi/test-corrupt-file-missing-byte.mid"] == "damaged"


@pytest.mark.usefixtures("data_home")
def test_real_songs_become_phrases(shared_data: Path) -> None:
    cache = prepare_phrases(shared_data / "pop909", MusicData(), Pitches(), LPD_TRACKS)
    assert cache.info["songs"] >= 290
    assert cache.arrays["bars"].shape[1:] == (16, 5, 11)
    assert cache.arrays["train"].shape[0] > 3 * cache.arrays["valid"].shape[0] > 10_000
