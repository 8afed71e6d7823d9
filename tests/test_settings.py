"""Every setting of our plugins does what `gansuite config` says it does.

`EFFECTS` has an entry for each path that `settings_of` gives, and for each setting of an array's tables: a
new setting without an entry fails here. Those of the loop, which all plugins share, are shown by one plugin.
An entry changes the setting and looks at what follows: the prepared phrases, the networks, the steps an
optimizer takes, the files that are written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
from PIL import Image

from effects.bench import EFFECTS, LOOP, PLUGINS, Bench, paths_of
from entries import can_fail
from gansuite.registry import load
from gansuite_image.config import ImageGAN


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four songs and twelve pictures."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "songs").mkdir()
    for number in range(4):
        write_song(folder / "songs" / f"{number}.mid", number)
    (folder / "pictures").mkdir()
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 255, (20, 30, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "pictures" / f"{number}.png")
    return folder


def write_song(path: Path, number: int) -> None:
    """Six bars of 4/4: a tune in E major with chords, a bass, and drums; then two of 3/4."""
    song = mido.MidiFile(type=1, ticks_per_beat=480)
    tune = [(240 * at, 240, 64 + step) for at, step in enumerate([0, 2, 4, 5, 7, 9, 11, 12] * 6)]
    tune += [(1920 * bar, 960, 71 + number) for bar in range(3)]
    tune += [(160 * at, 160, 76) for at in range(3)]
    bass = [(1920 * bar, 1920, 40 + 12) for bar in (0, 1, 2)]
    drums = [(480 * beat, 60, 50 if beat % 2 else 48) for beat in range(12)]
    signatures = [(0, mido.MetaMessage("time_signature", numerator=4, denominator=4))]
    signatures += [(6 * 1920, mido.MetaMessage("time_signature", numerator=3, denominator=4))]
    tune += [(6 * 1920 + 480 * at, 480, 64) for at in range(6)]
    song.tracks.append(midi_track(signatures))
    for name, channel, program, notes in (("Lead", 0, 0, tune), ("Deep", 1, 33, bass), ("Kit", 9, 0, drums)):
        events = [(0, mido.MetaMessage("track_name", name=name))]
        events += [(0, mido.Message("program_change", channel=channel, program=program))]
        for start, length, pitch in notes:
            events += [(start, mido.Message("note_on", channel=channel, note=pitch, velocity=64))]
            events += [(start + length, mido.Message("note_off", channel=channel, note=pitch))]
        song.tracks.append(midi_track(events))
    song.save(path)


def midi_track(events: list[tuple[int, Any]]) -> mido.MidiTrack:
    track, now = mido.MidiTrack(), 0
    for tick, message in sorted(events, key=lambda event: (event[0], event[1].type == "note_on")):
        track.append(message.copy(time=tick - now))
        now = tick
    return track


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


CASES = [(plugin, path) for plugin in PLUGINS for path in paths_of(plugin) if (plugin, path) in EFFECTS]


def test_every_setting_has_an_entry_and_every_entry_a_setting() -> None:
    own = {(plugin, path) for plugin in PLUGINS for path in paths_of(plugin)}
    assert set(EFFECTS) <= own
    elsewhere = {(plugin, path) for plugin, path in own if plugin != LOOP and path.startswith("training.")}
    assert own - elsewhere <= set(EFFECTS)


@pytest.mark.parametrize("plugin", ["gan", "cgan", "wgan", "wgan-gp", "sngan"])
def test_image_gans_differ_in_defaults_only(plugin: str) -> None:
    assert issubclass(load(plugin).config_class(), ImageGAN)
    assert list(paths_of(plugin)) == list(paths_of("dcgan"))


@pytest.mark.parametrize(("plugin", "path"), CASES)
def test_a_setting_does_what_it_says(
    plugin: str, path: str, data: Path, runs: Path, two_devices: list[str]
) -> None:
    effect = EFFECTS[plugin, path]
    assert can_fail(effect)
    effect(Bench(plugin, path, data / "songs", data / "pictures", runs))
