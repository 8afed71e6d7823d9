"""bigan, as people use it, and what gansuite promises of every plugin."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gansuite.cli import main
from gansuite.testing import check_plugin

SMALL = ["--preset", "small", "--steps", "4", "--batch-size", "16", "-q"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of four steps."""
    path = tmp_path_factory.mktemp("runs") / "run"
    assert main(["train", "bigan", *SMALL, "--out", str(path)]) == 0
    return path


def test_it_keeps_what_gansuite_promises() -> None:
    assert check_plugin("bigan", preset="small").problems == []


def test_pictures_of_any_form_are_reconstructed(run: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8)
    Image.fromarray(noise).save(given / "colour.png")
    Image.fromarray(noise[..., 0]).save(given / "grey.jpg")
    (given / "broken.png").write_bytes(b"no picture")
    code = main(["reconstruct", str(run), str(given), "-o", str(tmp_path / "made")])
    assert code == 2
    assert sorted(file.name for file in (tmp_path / "made").iterdir()) == ["colour.png", "grey.png"]
    with Image.open(tmp_path / "made" / "colour.png") as made:
        assert (made.size, made.mode) == ((16, 16), "L")


def test_pictures_are_not_overwritten(run: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    Image.new("L", (16, 16)).save(picture)
    before = picture.read_bytes()
    for folder in (tmp_path, picture):
        assert main(["reconstruct", str(run), str(picture), "-o", str(folder)]) == 2
    assert picture.read_bytes() == before


def test_a_run_is_judged_by_what_is_lost(run: Path) -> None:
    assert main(["evaluate", str(run), "-n", "20"]) == 0
    text = (run / "evaluation.json").read_text()
    assert {"pixel error", "latent error"} <= {one["name"] for one in json.loads(text)["scores"]}
