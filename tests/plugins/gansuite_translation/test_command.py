"""`gansuite translate`, as it is typed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from model_server import serving
from PIL import Image

from gansuite.data.images.decoding import read_whole
from gansuite_translation.config import Sides
from gansuite_translation.scale import learned_form
from warm import warm

SETS = (
    "data.size=16", "data.jitter=4", "data.valid_share=0.25", "generator.width=4", "discriminator.width=4",
    "discriminator.layers=2",
)  # fmt: skip
SIZES = {"one.png": (16, 16), "wide.jpg": (40, 21), "deep/tiny.bmp": (3, 1)}


def gansuite(folder: Path, *words: str, code: int = 0) -> Any:
    done = subprocess.run([*warm(), *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of each plugin, and pictures to translate."""
    folder = tmp_path_factory.mktemp("translate")
    (folder / "data").mkdir()
    for number in range(8):
        pixels = np.random.default_rng(number).integers(0, 255, (20, 40, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "data" / f"{number}.png")
    sets = [word for one in SETS for word in ("--set", one)]
    for plugin, more in (("pix2pix", []), ("cyclegan", ["--set", "generator.blocks=1"])):
        gansuite(
            folder, "train", plugin, "--data", "data", "--steps", "2", "--out", plugin, *sets, *more, "-q"
        )
    for name, size in SIZES.items():
        (folder / "given" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.effect_noise(size, 80).convert("RGB").save(folder / "given" / name)
    return folder


@pytest.fixture(scope="module")
def served(folder: Path) -> Path:
    """Where the run of pix2pix is exported to."""
    gansuite(folder, "export", "pix2pix", "served")
    return folder / "served"


@pytest.mark.parametrize("plugin", ["pix2pix", "cyclegan"])
def test_pictures_of_any_size_keep_it(folder: Path, plugin: str) -> None:
    done = gansuite(folder, "translate", plugin, "given", "-o", f"out-{plugin}")
    expected = {f"out-{plugin}/{Path(name).with_suffix('.png')}": size for name, size in SIZES.items()}
    assert set(done.stdout.split()) == set(expected)
    for name, size in expected.items():
        with Image.open(folder / name) as picture:
            assert (picture.size, picture.mode) == (size, "RGB")


def test_the_rest_is_made_where_some_is_there(folder: Path) -> None:
    words = ("translate", "pix2pix", "given", "-o", "rest")
    made = gansuite(folder, *words).stdout.split()
    (folder / made[-1]).unlink()
    before = (folder / made[0]).stat().st_mtime_ns
    assert gansuite(folder, *words, "--only-missing").stdout.split() == made[-1:]
    assert (folder / made[0]).stat().st_mtime_ns == before
    assert gansuite(folder, *words, "--only-missing").stdout == ""


def test_translating_comes_after_training(folder: Path) -> None:
    done = gansuite(folder, "train", "--resume", "pix2pix", "--json", "-q")
    assert json.loads(done.stdout)["next"] == "gansuite translate pix2pix PICTURES -o FOLDER"


def test_a_seed_drops_and_another_drops_otherwise(folder: Path) -> None:
    def made(name: str, *words: str) -> bytes:
        gansuite(folder, "translate", "pix2pix", "given/one.png", "-o", name, *words)
        return (folder / name / "one.png").read_bytes()

    plain, one, other = made("plain"), made("s1", "--seed", "1"), made("s2", "--seed", "2")
    assert made("again", "--seed", "1") == one
    assert len({plain, one, other}) == 3


def test_cyclegan_goes_both_ways_and_pix2pix_its_own(folder: Path) -> None:
    files = [
        gansuite(
            folder, "translate", "cyclegan", "given/one.png", "-o", way, "--direction", way
        ).stdout.strip()
        for way in ("A-to-B", "B-to-A")
    ]
    there, back = ((folder / file).read_bytes() for file in files)
    assert there != back
    done = gansuite(folder, "translate", "pix2pix", "given", "-o", "no", "--direction", "B-to-A", code=2)
    assert "translates A-to-B only" in done.stderr
    done = gansuite(folder, "translate", "cyclegan", "given", "-o", "no", "--seed", "1", code=2)
    assert "cannot translate with dropout" in done.stderr
    assert not (folder / "no").exists()


def test_a_broken_picture_leaves_the_others_done(folder: Path) -> None:
    (folder / "mixed").mkdir()
    for number in (1, 3):
        Image.new("L", (9, 9), 50 * number).save(folder / "mixed" / f"{number}.png")
    (folder / "mixed" / "2.png").write_bytes(b"\x89PNG")
    done = gansuite(folder, "translate", "pix2pix", "mixed", "-o", "mixed-out", code=2)
    assert done.stdout.split() == ["mixed-out/1.png", "mixed-out/3.png"]
    assert "1 of 3 pictures could not be used" in done.stderr
    assert "2.png" in done.stderr


def test_a_server_translates_as_the_run_does(folder: Path, served: Path) -> None:
    words = ("translate", "pix2pix", "given")
    with serving(served) as server:
        there = gansuite(folder, *words, "-o", "there", "--server", server.url).stdout.split()
        assert server.asked
    here = gansuite(folder, *words, "-o", "here").stdout.split()
    assert len(here) == len(there) == len(SIZES)
    for one, other in zip(here, there, strict=True):
        assert (folder / one).read_bytes() == (folder / other).read_bytes()


@pytest.mark.parametrize(
    ("size", "more", "reason"),
    [
        (
            (4097, 4095),
            (),
            "with its mirror image around it, it has 16,842,752 pixels, and a server takes 16,777,216",
        ),
        (
            (2080, 2080),
            ("--seed", "1"),
            "what would be sent, at up to 22 bytes a number, is larger than 256 MiB",
        ),
    ],
)
def test_a_picture_that_is_too_large_for_a_server_leaves_the_others_done(
    folder: Path, served: Path, size: tuple[int, int], more: tuple[str, ...], reason: str
) -> None:
    (folder / "large").mkdir(exist_ok=True)
    Image.new("RGB", size).save(folder / "large" / "1.png")
    Image.new("RGB", (9, 9), (20, 90, 30)).save(folder / "large" / "2.png")
    with serving(served) as server:
        words = ("translate", "pix2pix", "large", "-o", f"large-{len(more)}", "--server", server.url, *more)
        done = gansuite(folder, *words, code=2)
    assert done.stdout.split() == [f"large-{len(more)}/2.png"]
    assert f"large/1.png is too large for a server: {reason}" in done.stderr


def test_what_is_served_refuses_what_is_small_and_takes_much(served: Path) -> None:
    signatures = tf.saved_model.load(str(served / "pix2pix" / "1")).signatures
    # With their mirror images they have more pixels: 16 times as many, and twice as many.
    thin, seeds = tf.zeros([64, 20_000, 1, 3]), tf.range(64, dtype=tf.int64)
    content = tf.io.encode_png(tf.zeros([600_000, 17, 3], tf.uint8))[tf.newaxis]
    asked = {
        "translate": {"images": thin}, "vary": {"images": thin, "seed": seeds},
        "translate_bytes": {"image_bytes": content},
    }  # fmt: skip
    for name, inputs in asked.items():
        with pytest.raises(tf.errors.InvalidArgumentError, match="takes more than 16777216 pixels"):
            signatures[name](**inputs)
    size = tf.zeros([64, 16, 16, 3])
    assert signatures["translate"](images=size)["images"].shape == size.shape


def test_pictures_are_brought_to_what_was_learned_first_or_it_is_said_once(
    folder: Path, served: Path
) -> None:
    """As what a test brings to that size, by a server too."""
    (folder / "formed").mkdir()
    for name in SIZES:
        formed = learned_form(Sides(size=16)).apply_to_pixels(read_whole(folder / "given" / name, 3))
        Image.fromarray(formed).save(folder / "formed" / f"{Path(name).stem}.png")
    words = ("translate", "pix2pix", "given", "-o")
    plain = gansuite(folder, *words, "whole")
    assert plain.stderr.count("--as-learned brings pictures to 16 × 16 first") == 1
    done = gansuite(folder, *words, "learned", "--as-learned")
    expected = gansuite(folder, "translate", "pix2pix", "formed", "-o", "expected")
    assert "--as-learned" not in done.stderr + expected.stderr
    with serving(served) as server:
        gansuite(folder, *words, "asked", "--as-learned", "--server", server.url)
    assert len(done.stdout.split()) == len(SIZES)
    for file in map(Path, done.stdout.split()):
        made = (folder / file).read_bytes()
        assert made == (folder / "expected" / file.name).read_bytes()
        assert made == (folder / "asked" / file.relative_to("learned")).read_bytes()


def test_inputs_are_never_written_over(folder: Path) -> None:
    before = (folder / "given" / "one.png").read_bytes()
    done = gansuite(folder, "translate", "pix2pix", "given/one.png", "-o", "given", code=2)
    assert "would be overwritten" in done.stderr
    assert (folder / "given" / "one.png").read_bytes() == before


def test_what_is_no_folder_is_not_written_to(folder: Path) -> None:
    done = gansuite(folder, "translate", "pix2pix", "given", "-o", "given/one.png", code=2)
    assert "Directory 'given/one.png' is a file" in done.stderr


def test_evaluating_compares_with_partners(folder: Path, shared_data: Path) -> None:
    said = gansuite(folder, "evaluate", "pix2pix").stdout
    for name in ("L1", "PSNR", "SSIM"):
        assert f"\n{name} " in said
    assert "there and back" in gansuite(folder, "evaluate", "cyclegan").stdout
    backbone = shared_data / "squeezenet" / "squeezenet1_1_fp16.npz"
    done = gansuite(folder, "evaluate", "pix2pix", "--set", f"perceptual.backbone={backbone}", code=2)
    assert "at least 17 pixels" in done.stderr
