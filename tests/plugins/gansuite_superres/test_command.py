"""``gansuite upscale`` as a person uses it, in fresh processes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from model_server import serving
from PIL import Image

from warm import COLD, warm

SMALL = (
    "data.crop=16", "data.tile=32", "generator.blocks=1", "generator.width=4", "discriminator.width=2",
    "discriminator.dense=4", "content.steps=2", "training.batch_size=2",
)  # fmt: skip


def gansuite(*words: object) -> subprocess.CompletedProcess[str]:
    command = [*warm(), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two steps of each phase."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    sets = [word for setting in SMALL for word in ("--set", setting)]
    done = gansuite("train", "srgan", "--steps", 4, *sets, "--out", folder, "-q")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder with pictures of many kinds, and files that are none."""
    folder = tmp_path / "given"
    (folder / "more").mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 256, (21, 34, 3), np.uint8)
    colour = Image.fromarray(pixels)
    colour.save(folder / "a.png")
    colour.convert("L").save(folder / "more" / "grey.png")
    colour.convert("RGBA").save(folder / "clear.webp", lossless=True)
    Image.fromarray(pixels[..., 0].astype(np.uint16) * 257).save(folder / "deep.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    colour.convert("CMYK").save(folder / "turned.jpg", exif=turned)
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:99])
    return folder


def test_nothing_but_what_concerns_the_pictures_is_printed(run: Path, given: Path, tmp_path: Path) -> None:
    command = [*COLD, "upscale", run, given / "a.png", "-o", tmp_path / "out"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, check=True)
    assert done.stderr == ""


def test_every_picture_becomes_a_larger_one_and_the_broken_one_is_named(
    run: Path, given: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = gansuite("upscale", run, given, "-o", out)
    assert done.returncode == 2
    assert "1 of 6 pictures could not be used; the others are done" in done.stderr
    assert "broken.png" in done.stderr
    names = ["a.png", "clear.png", "deep.png", "more/grey.png", "turned.png"]
    assert sorted(done.stdout.split()) == [str(out / name) for name in names]
    for name in names:
        with Image.open(out / name) as picture:
            assert picture.mode == "RGB"
            assert picture.size == ((21 * 4, 34 * 4) if name == "turned.png" else (34 * 4, 21 * 4))
    (out / "deep.png").unlink()
    again = gansuite("upscale", run, given, "-o", out, "--only-missing")
    assert again.stdout.split() == [str(out / "deep.png")]
    assert f"4 of 6 are in {out} already" in again.stderr


def test_pieces_change_nothing_that_can_be_seen(run: Path, given: Path, tmp_path: Path) -> None:
    made = []
    for name, piece in (("whole", 192), ("pieces", 16)):
        done = gansuite("upscale", run, given / "a.png", "-o", tmp_path / name, "--piece", piece)
        assert done.returncode == 0, done.stderr
        with Image.open(tmp_path / name / "a.png") as picture:
            made.append(np.asarray(picture, int))
    assert np.abs(made[0] - made[1]).max() <= 1  # a value on the border between two


@pytest.fixture(scope="module")
def served(run: Path) -> Path:
    """Where the run is exported to."""
    done = gansuite("export", run, run.parent / "served")
    assert done.returncode == 0, done.stderr
    return run.parent / "served"


def test_a_server_enlarges_as_the_run_does(run: Path, served: Path, given: Path, tmp_path: Path) -> None:
    made = []
    with serving(served) as server:
        for name, asking in (("here", ()), ("there", ("--server", server.url))):
            done = gansuite("upscale", run, given / "a.png", "-o", tmp_path / name, *asking)
            assert done.returncode == 0, done.stderr
            made.append((tmp_path / name / "a.png").read_bytes())
        assert server.asked
        Image.new("RGB", (1500, 900)).save(given / "large.png")
        words = (given / "large.png", given / "a.png", "-o", tmp_path / "pieces", "--piece", 1500)
        done = gansuite("upscale", run, *words, "--server", server.url)
    assert made[0] == made[1]
    assert done.returncode == 2
    assert done.stdout.split() == [str(tmp_path / "pieces" / "a.png")]
    assert "needs a smaller --piece for a server: it has 1,350,000 pixels" in done.stderr


@pytest.fixture(scope="module")
def doubling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that makes pictures twice as large, not four times."""
    folder = tmp_path_factory.mktemp("doubling") / "run"
    sets = [word for setting in (*SMALL, "data.scale=2") for word in ("--set", setting)]
    done = gansuite("train", "srgan", "--steps", 3, *sets, "--out", folder, "-q")
    assert done.returncode == 0, done.stderr
    return folder


def test_a_server_that_enlarges_otherwise_is_refused(
    served: Path, doubling: Path, given: Path, tmp_path: Path
) -> None:
    with serving(served) as server:
        done = gansuite("upscale", doubling, given / "a.png", "-o", tmp_path / "out", "--server", server.url)
    assert done.returncode == 2, done.stderr
    sizes = "of a picture of shape (21, 34, 3) it makes one of (84, 136, 3), not of (42, 68, 3)"
    assert f"{server.url}/v1/models/srgan: what is served is another model: {sizes}" in done.stderr
    assert (done.stdout, (tmp_path / "out").exists()) == ("", False)


def test_inputs_are_not_overwritten_and_wrong_words_are_explained(run: Path, given: Path) -> None:
    before = (given / "a.png").read_bytes()
    for words, said in (
        ((run, given / "a.png", "-o", given), "would be overwritten"),
        ((run, given, "-o", given), "is given and written to"),
        ((run, given / "lost.png", "-o", given / "out"), "no such file or folder"),
        ((given, given, "-o", given / "out"), "run"),
    ):
        done = gansuite("upscale", *words)
        assert done.returncode == 2, done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert (given / "a.png").read_bytes() == before


def test_a_run_is_measured_beside_bicubic_enlargements(run: Path) -> None:
    done = gansuite("evaluate", run)
    assert done.returncode == 0, done.stderr
    for figure in ("PSNR", "PSNR, bicubic", "SSIM", "SSIM, bicubic"):
        assert any(line.startswith(f"{figure} ") for line in done.stdout.splitlines()), done.stdout
    assert len(list((run / "samples" / "step-00000004").glob("tile-*.png"))) == 4
