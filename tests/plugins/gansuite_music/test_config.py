from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from gansuite.config import Layer, assignments, resolve
from gansuite.data.cards import card
from gansuite.errors import ConfigError
from gansuite_music.config import LPD_TRACKS, MuseGAN, Track


def test_settings_import_nothing_heavy() -> None:
    code = (
        "import sys, gansuite_music.config, gansuite_music.plugin;"
        "print([name for name in ('numpy', 'tensorflow', 'keras', 'symusic', 'PIL') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ("pitches.low=120", "pitches.high"),
        ("data.min_tracks=9", "data.min_tracks"),
        ("data.valid_share=0", "data.valid_share"),
        ("data.key=minor", "data.key"),
        ("output.tempo=0", "output.tempo"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(given: str, where: str) -> None:
    with pytest.raises(ConfigError) as refused:
        resolve(MuseGAN, [assignments([given])])
    assert where in str(refused.value)


@pytest.mark.parametrize("entry", ["128", "7-3", "-1", "a", "3-", ""])
def test_what_is_no_program_is_refused(entry: str) -> None:
    with pytest.raises(ConfigError, match=r"is not a program(.|\n)*go into names"):
        Track(name="Lead", programs=(entry,))


def test_a_drum_track_that_names_programs_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"programs(.|\n)*read from channel 10"):
        resolve(MuseGAN, [Layer("my.toml", {"tracks": [{"name": "Kit", "drum": True, "programs": ["0"]}]})])


@pytest.mark.parametrize(
    ("tracks", "said"),
    [
        ([], "at least one track"),
        ([{"name": "A"}, {"name": "a"}], "two tracks are called"),
        ([{"name": "A", "programs": ["others"]}, {"name": "B", "programs": ["others"]}], "only one track"),
        ([{"name": "A", "programs": ["0-9"]}, {"name": "B", "programs": ["9"]}], "claimed by 'A' and 'B'"),
    ],
)
def test_tracks_that_contradict_each_other_are_refused(tracks: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        resolve(MuseGAN, [Layer("my.toml", {"tracks": tracks})])


def test_default_tracks_are_those_of_lpd() -> None:
    assert [track.program for track in LPD_TRACKS] == [0, 0, 25, 33, 48]
    assert [track.name for track in LPD_TRACKS if track.drum] == ["Drums"]


def test_card_of_the_chorales_asks_for_four_voices() -> None:
    config = resolve(MuseGAN, [Layer("card", card("chorales").settings["musegan"])])
    assert [track.name for track in config.tracks] == ["Soprano", "Alto", "Tenor", "Bass"]
    assert all(track.voices == "one" for track in config.tracks)
    assert config.data.key == "normalise"
