"""Settings that go together: a few steps of training each, and files that other libraries read."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import symusic
from PIL import Image

from gansuite.composition import Request, compose
from gansuite.config import to_toml
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.training.observers import Metrics
from gansuite.training.session import train

SMALL_MUSIC = (
    "generator={channels=8,embedding=4}", "critic={channels=8,embedding=4,rounds=1}", "data.min_notes=1",
    "data.min_tracks=1", "training={steps=2,batch_size=2,report_every=1,average=0}",
)  # fmt: skip
SMALL_PICTURES = (
    "latent=4", "generator.width=4", "discriminator.width=4",
    "training={steps=2,batch_size=2,report_every=1,average=0}",
)  # fmt: skip
SMALL_ENLARGING = (
    "generator.blocks=1", "generator.width=4", "discriminator.width=2", "discriminator.dense=4",
    "training={steps=2,batch_size=2,report_every=1,average=0}",
)  # fmt: skip
TUNE = 'tracks=[{name="Tune",voices="one",programs=["others"]}]'
LPD = ("Drums", "Piano", "Guitar", "Bass", "Strings")
#: The program and channel of a voice for each track of LPD-5.
VOICES = ((0, 9), (0, 0), (25, 1), (33, 2), (48, 3))


def trained(folder: Path, plugin: str, source: Path, sets: Sequence[str]) -> tuple[Run, Any]:
    announced = load(plugin)
    config = compose(announced, Request(assignments=[f"data.source={source}", *sets]))
    domain = announced.build_domain(config)
    run = Run.create(folder, plugin, to_toml(config, header={"plugin": plugin, "api": 1}))
    assert train(run, domain, config.training, [Metrics()]).step == 2
    rows = [json.loads(line) for line in run.metrics_file.read_text().splitlines()]
    terms = [value for row in rows for value in row["terms"].values()]
    assert len(rows) == 2
    assert all(value is not None and math.isfinite(value) for value in terms)
    return run, config


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three files of eight bars, in five voices."""
    folder = tmp_path_factory.mktemp("songs")
    for number in range(3):
        song = mido.MidiFile(ticks_per_beat=480)
        for program, channel in VOICES:
            track = mido.MidiTrack()
            track.append(mido.Message("program_change", program=program, channel=channel))
            for at in range(64):
                pitch = 40 + channel + (at * (number + 2)) % 12
                track.append(mido.Message("note_on", note=pitch, velocity=70, channel=channel))
                track.append(mido.Message("note_off", note=pitch, channel=channel, time=240))
            song.tracks.append(track)
        song.save(folder / f"{number}.mid")
    return folder


THIRDS = ["data.steps_per_beat=3", "data.bars=1", TUNE]
TWELFTHS = ["data.steps_per_beat=12", "data.beats_per_bar=3", "data.metre=settings"]
AS_LPD = ["data.steps_per_beat=24", "data.bars=1", "data.transpose=5", "data.key=normalise"]
COARSE = ["data.steps_per_beat=1", "data.beats_per_bar=1", "data.bars=3", "output.npz=true"]


@pytest.mark.parametrize(
    ("sets", "tracks", "steps"),
    [(THIRDS, ["Tune"], 12), (TWELFTHS, LPD, 72), (AS_LPD, LPD, 96), (COARSE, LPD, 3)],
    ids=["thirds of one bar in one track", "twelfths in three", "the grid of LPD-5", "a step a bar"],
)
def test_music_of_any_grid_and_tracks_is_learned_and_written(
    tmp_path: Path, songs: Path, sets: list[str], tracks: Sequence[str], steps: int
) -> None:
    run, config = trained(tmp_path / "run", "musegan", songs, [*SMALL_MUSIC, *sets])
    assert config.data.steps == steps
    folder = run.samples / "step-00000002"
    assert len(list(folder.glob("*.mid"))) == len(list(folder.glob("*.wav"))) == 8
    for path in folder.glob("*.mid"):
        song, score = mido.MidiFile(path), symusic.Score(path)
        assert [track.name for track in song.tracks][1:] == list(tracks)
        assert score.ticks_per_quarter % config.data.steps_per_beat == 0
        struck = {message.channel for track in song.tracks for message in track if message.type == "note_on"}
        assert (9 in struck) <= ("Drums" in tracks)
    for path in folder.glob("*.png"):
        with Image.open(path) as picture:
            picture.load()


@pytest.mark.parametrize(("size", "channels"), [(8, 3), (16, 1), (32, 3), (64, 1), (128, 3)])
def test_pictures_of_any_size_and_colour_are_learned_and_drawn(
    tmp_path: Path, size: int, channels: int
) -> None:
    (tmp_path / "pictures").mkdir()
    for number in range(4):
        pixels = np.random.default_rng(number).integers(0, 255, (40, 60, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "pictures" / f"{number}.png")
    sets = [*SMALL_PICTURES, f"data.size={size}", f"data.channels={channels}", "data.valid_share=0"]
    run, _ = trained(tmp_path / "run", "dcgan", tmp_path / "pictures", sets)
    drawn = sorted((run.samples / "step-00000002").glob("seed-*.png"))
    assert len(drawn) == 64
    for path in drawn[:3]:
        with Image.open(path) as picture:
            picture.load()
            assert (picture.size, picture.mode) == ((size, size), "L" if channels == 1 else "RGB")


PUBLISHED = (
    "generator.upsampling=stepwise", "generator.ends=9", "generator.batch_norm=true",
    "generator.activation=prelu", "generator.bicubic=false",
)  # fmt: skip


@pytest.mark.parametrize(
    ("scale", "sets"),
    [
        (2, ["content.steps=1", "content.loss=l1", "perceptual.model=none"]),
        (3, [*PUBLISHED, "content.steps=1", "adversarial.loss=least-squares"]),
        (
            4,
            [
                "content.steps=1",
                "discriminator.batch_norm=true",
                "adversarial.loss=hinge",
                "adversarial.pixels=0",
            ],
        ),
        (8, [*PUBLISHED, "content.steps=0", "data.augment=false"]),
    ],
)
def test_pictures_are_enlarged_by_any_scale_with_any_networks(
    tmp_path: Path, scale: int, sets: list[str]
) -> None:
    (tmp_path / "pictures").mkdir()
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 255, (55, 70, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "pictures" / f"{number}.png")
    small = [*SMALL_ENLARGING, "data.crop=24", "data.tile=48", "data.valid_share=0"]
    sets = [*small, f"data.scale={scale}", *sets]
    run, _ = trained(tmp_path / "run", "srgan", tmp_path / "pictures", sets)
    rows = sorted((run.samples / "step-00000002").glob("tile-*.png"))
    assert len(rows) == 4
    for path in rows:
        with Image.open(path) as picture:
            picture.load()
            assert picture.size == (4 * 48 + 3 * 2, 48)
