"""What a person gives our plugins by mistake: one message, exit code 2, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from warm import warm

WRONG_DATA = {
    "an empty folder of music": ("musegan", "empty", "no usable MIDI file", "Name a folder with MIDI files"),
    "text and sound": ("musegan", "sounds", "not a MIDI file (its name", "a.mp3, b.txt"),
    "a picture as music": ("musegan", "pictures/0.png", "not a MIDI file: 0.png", "Name a folder"),
    "an empty folder of pictures": ("dcgan", "empty", "no pictures found here", "Looked for PNG"),
    "text as a picture": ("dcgan", "sounds/b.txt", "no pictures found here", "Looked for PNG"),
    "pictures too small to be cut": ("srgan", "pictures", "none of the photographs can be used", "data.tile"),
    "an archive of photographs": ("srgan", "sounds", "no pictures found here", "unpack archives first"),
    "a picture that is none": ("dcgan", "broken", "none of the pictures can be used", "a.png is empty"),
}
WRONG_SETTINGS = {
    ("data.bars=two",): 'data.bars (--set): expected a whole number of at least 1 and at most 64, not "two"',
    ("data.bars=1.5",): "not 1.5",
    ("training.average=1",): "training.average (--set): expected a number of at least 0 and below 1, not 1",
    ("data=3",): "data (--set): expected a table, not 3",
    ("tracks=3",): "tracks (--set): expected an array of tables, not 3",
    ('tracks=[{name="A",programm=1}]',): "did you mean tracks[0].program?",
    ('tracks=[{name="A"}]',): "data.min_tracks (data set chorales): is 4, more than there are tracks",
    ("training.steps",): "expected KEY=VALUE, such as training.steps=1000",
    ("dta.bars=3",): "did you mean data?",
}


def refused(folder: Path, *arguments: str, out: str = "run") -> str:
    """What a fresh process says that exits with 2, without a traceback or a run."""
    done = subprocess.run(
        [*warm(), "train", *arguments, "--out", out],
        cwd=folder, capture_output=True, text=True, timeout=300,
        env={**os.environ, "GANSUITE_HOME": str(folder / "home")},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("gansuite: ") == 1
    assert not (folder / out).exists()
    assert not list((folder / "home").rglob("*.partial"))
    return done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with things of the wrong kind in it."""
    folder = tmp_path_factory.mktemp("wrong")
    for name in ("empty", "sounds", "pictures", "broken"):
        (folder / name).mkdir()
    (folder / "sounds" / "a.mp3").write_bytes(b"ID3" + bytes(99))
    (folder / "sounds" / "b.txt").write_text("la la la")
    (folder / "broken" / "a.png").write_bytes(b"")
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / "pictures" / "0.png")
    return folder


@pytest.mark.parametrize("case", WRONG_DATA)
def test_data_of_the_wrong_kind_is_named_with_what_to_do(folder: Path, case: str) -> None:
    plugin, data, *messages = WRONG_DATA[case]
    said = refused(folder, plugin, "--data", data)
    assert str(folder / data) in said
    for message in messages:
        assert message in said


@pytest.mark.parametrize("sets", WRONG_SETTINGS, ids=" ".join)
def test_wrong_settings_are_named_with_what_is_expected(folder: Path, sets: tuple[str, ...]) -> None:
    assert WRONG_SETTINGS[sets] in refused(folder, "musegan", *(f"--set={one}" for one in sets))


def test_a_run_that_cannot_be_written_is_named(folder: Path) -> None:
    out = "sounds/b.txt/run"
    assert f"{out}: cannot be made: Not a directory" in refused(folder, "dcgan", out=out)
