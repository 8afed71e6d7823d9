"""The domain: how it plays, what it answers and how it is judged."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gansuite.config import assignments, resolve
from gansuite.data.images.bicubic import enlarge
from gansuite.errors import ConfigError, DataError
from gansuite.game import Turn
from gansuite.noise import Noise
from gansuite_superres.config import SRGAN, Data
from gansuite_superres.domain import SuperResolution
from gansuite_superres.scoring import likeness, likeness_scores
from gansuite_superres.tiling import enlarge_in_pieces

SMALL = (
    "data.crop=32", "data.tile=64", "generator.blocks=1", "generator.width=4", "discriminator.width=2",
    "discriminator.dense=4",
)  # fmt: skip


def domain(*settings: str) -> SuperResolution:
    return SuperResolution(resolve(SRGAN, [assignments([*SMALL, *settings])]))


def turn_of(made: SuperResolution) -> Turn:
    batch = made.examples("train").load(tf.range(4, dtype=tf.int64), Noise(seed=0, rows=4))
    return Turn(
        networks=made.networks(),
        batch=batch,
        noise=Noise(seed=0, rows=4),
        step=tf.constant(0, tf.int64),
    )


def test_photographs_are_the_default_and_need_no_download() -> None:
    made = domain()
    examples = made.examples("train")
    assert examples.spec["high"] == tf.TensorSpec([32, 32, 3], tf.float32)
    assert examples.spec["low"] == tf.TensorSpec([8, 8, 3], tf.float32)
    assert made.examples("valid").spec["high"] == tf.TensorSpec([64, 64, 3], tf.float32)
    assert made.describe()["photographs"]["counts"]["train"]["photographs"] == 2


@pytest.mark.parametrize(
    ("settings", "terms"),
    [
        ((), {"adversarial", "l2", "perceptual"}),
        (("perceptual.model=none", "content.loss=l1"), {"adversarial", "l1"}),
        (("perceptual.weight=0", "adversarial.pixels=0", "adversarial.loss=hinge"), {"adversarial"}),
    ],
    ids=["default", "pixels", "game alone"],
)
def test_each_player_s_loss_reaches_what_it_trains(settings: tuple[str, ...], terms: set[str]) -> None:
    made = domain(*settings)
    turn = turn_of(made)
    played = {}
    for phase in made.phases():
        for player in phase.players:
            with tf.GradientTape() as tape:
                losses = player.loss(turn)
                total = tf.add_n(list(losses.values()))
            weights = [one.value for name in player.trains for one in turn.networks[name].trainable_weights]
            assert None not in tape.gradient(total, weights)
            played[f"{phase.name}/{player.name}"] = set(losses)
            assert not player.weights or set(player.weights) >= set(losses)
    assert list(played) == ["content/generator", "adversarial/discriminator", "adversarial/generator"]
    assert played["content/generator"] == {made.config.content.loss}
    assert played["adversarial/discriminator"] == {"real", "fake"}
    assert played["adversarial/generator"] == terms


def test_any_saved_network_can_be_what_is_looked_with(tmp_path: Path) -> None:
    file = tmp_path / "eye.keras"
    eye = keras.Sequential([keras.Input([None, None, 3]), keras.layers.Conv2D(2, 3, name="seen")])
    eye.save(file)
    made = domain(
        "perceptual.model=file", f"perceptual.file={file}", 'perceptual.layers=["seen"]', "perceptual.scale=2"
    )
    turn = turn_of(made)
    _, adversarial = made.phases()
    term = adversarial.players[1].loss(turn)["perceptual"]
    high, low = turn.batch["high"], turn.networks["generator"](turn.batch["low"], training=True)
    seen = [eye((pictures + 1) / 2) for pictures in (high, low)]
    assert float(term) == pytest.approx(4 * float(tf.reduce_mean(tf.square(seen[0] - seen[1]))), rel=1e-4)
    assert set(turn.networks) == {"generator", "discriminator"}


def test_a_network_that_is_missing_stops_training_but_no_use_of_a_run(tmp_path: Path) -> None:
    missing = tmp_path / "vgg19.h5"
    made = domain("perceptual.model=vgg19", f"perceptual.file={missing}")
    with pytest.raises(DataError, match="VGG19") as caught:
        made.phases()
    assert all(part in str(caught.value) for part in ("https://", "MD5", str(missing)))
    networks = made.networks()
    assert made.endpoints()["upscale"].function(networks, images=tf.zeros([1, 3, 3, 3]))["images"].shape == (
        1, 12, 12, 3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("data.crop=33",), "33 does not divide by the scale 4"),
        (("data.tile=31",), "smaller than the crop"),
        (("perceptual.model=file",), "needs a file"),
        (("perceptual.model=vgg19", "perceptual.layers=[]"), "names no layer"),
        (("generator.batch_norm=true", "training.batch_size=1"), "at least 2 pictures"),
        (
            ("discriminator.batch_norm=true", "training.batch_size=4", "training.accumulate=4"),
            "accumulated part",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        domain(*settings)


def untrained(*settings: str) -> tuple[SuperResolution, dict[str, keras.Model], Any]:
    """A domain whose networks do something, and a function that upscales with them."""
    made = domain(*settings)
    networks = made.networks()
    for network in networks.values():
        values = [np.random.default_rng(one.size).normal(0, 0.1, one.shape) for one in network.get_weights()]
        network.set_weights([np.abs(one) if one.ndim == 1 else one for one in values])
    upscale = made.endpoints()["upscale"].function
    return made, networks, lambda pictures: upscale(networks, images=tf.constant(pictures))["images"].numpy()


KINDS = {
    "default": (),
    "published": (
        "generator.ends=9", "generator.batch_norm=true", 'generator.activation="prelu"',
        'generator.upsampling="stepwise"', "generator.bicubic=false",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [2, 3])
def test_pieces_come_out_as_the_whole_does(kind: str, scale: int) -> None:
    made, _, upscale = untrained(f"data.scale={scale}", "data.crop=36", *KINDS[kind])
    pixels = np.random.default_rng(0).integers(0, 256, (37, 53, 3), np.uint8)
    whole = upscale(pixels[None].astype(np.float32) / 255)[0]
    assert whole.std() > 0.02
    pieces = enlarge_in_pieces(pixels, upscale, scale=scale, reach=made.reach, side=16)
    assert np.abs(pieces - whole * 255).max() < 0.51
    too_little = enlarge_in_pieces(pixels, upscale, scale=scale, reach=made.reach - 3, side=16)
    assert (too_little != pieces).any()


def test_a_server_counts_the_pixels_that_are_made() -> None:
    count = domain("data.scale=3", "data.crop=36", "data.tile=72").endpoints()["upscale"].pixels
    assert count is not None
    assert int(count(images=tf.zeros([5, 7, 11, 3]))) == 5 * 21 * 33


def test_a_comparison_shows_what_was_given_and_made(tmp_path: Path) -> None:
    made, networks, upscale = untrained()
    low = np.random.default_rng(0).uniform(0, 1, (2, 8, 8, 3)).astype(np.float32)
    high = np.random.default_rng(1).uniform(0, 1, (2, 32, 32, 3)).astype(np.float32)
    answered = made.endpoints()["compare"].function(networks, low=tf.constant(low), high=tf.constant(high))
    outputs = {name: value.numpy() for name, value in answered.items()}
    np.testing.assert_array_equal(outputs["high"], high)
    np.testing.assert_allclose(outputs["images"], upscale(low), atol=1e-6)
    files = made.render(outputs, tmp_path, ["tile-0", "tile-1"])
    assert [file.name for file in files] == ["grid.png", "tile-0.png", "tile-1.png"]
    with Image.open(tmp_path / "tile-1.png") as picture:
        row = np.asarray(picture)
    assert row.shape == (32, 4 * 32 + 3 * 2, 3)
    np.testing.assert_array_equal(row[:, -32:], np.rint(high[1] * 255))
    np.testing.assert_array_equal(row[::4, :32:4], np.rint(low[1] * 255))


def test_alone_enlarged_pictures_are_drawn_as_they_are(tmp_path: Path) -> None:
    made, _, upscale = untrained()
    files = made.render({"images": upscale(np.zeros([1, 5, 6, 3], np.float32))}, tmp_path, ["one"])
    with Image.open(files[0]) as picture:
        assert picture.size == (24, 20)


def test_previews_are_held_out_tiles() -> None:
    made = domain()
    preview = made.preview()
    assert preview.endpoint == "compare"
    held_out = made.cache.arrays["valid_high"].read(np.arange(len(made.cache.arrays["valid_high"])))
    for picture in preview.inputs["high"]:
        assert (np.rint(picture * 255) == held_out).all(axis=(1, 2, 3)).any()


class Enlarging:
    """An evaluation of a run that enlarges as MATLAB does."""

    count = 2
    seed = 0

    def call(self, endpoint: str, inputs: Any) -> dict[str, np.ndarray]:
        assert endpoint == "upscale"
        pixels = [np.rint(one * 255).astype(np.uint8) for one in inputs["images"]]
        return {"images": np.stack([enlarge(one, 4) for one in pixels]) / 255}


def test_a_run_that_enlarges_bicubically_scores_as_bicubic(shared_data: Path) -> None:
    data = Data(source=str(shared_data / "set5" / "x4"))
    evaluation: Any = Enlarging()
    scores = {one.name: one.value for one in likeness_scores(evaluation, data, 3)}
    assert list(scores) == ["PSNR", "PSNR, bicubic", "SSIM", "SSIM, bicubic"]
    assert scores["PSNR"] == pytest.approx(scores["PSNR, bicubic"])
    # The first two of Set5, as published for each: 31.78 and 30.18 dB.
    assert scores["PSNR, bicubic"] == pytest.approx((31.78 + 30.18) / 2, abs=0.01)
    evaluation.count = 99
    [score] = [one for one in likeness_scores(evaluation, data, 3) if one.name == "PSNR, bicubic"]
    assert score.value == pytest.approx(28.43, abs=0.01)


def test_a_photograph_equal_to_itself_is_as_near_as_can_be() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    assert likeness(picture, picture, 4) == {"PSNR": math.inf, "SSIM": pytest.approx(1)}


def test_a_flat_photograph_does_not_make_the_mean_infinite(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    flat = np.full_like(pixels, 90)
    (tmp_path / "valid").mkdir()
    Image.fromarray(pixels).save(tmp_path / "valid" / "a.png")
    evaluation: Any = Enlarging()
    [alone, *_] = likeness_scores(evaluation, Data(source=str(tmp_path)), 3)
    Image.fromarray(flat).save(tmp_path / "valid" / "b.png")
    ratio, bicubic, *_ = likeness_scores(evaluation, Data(source=str(tmp_path)), 3)
    assert ratio.value == alone.value
    assert "over 2 held-out photographs enlarged 4 times, 1 exact one left out;" in ratio.meaning
    assert math.isfinite(bicubic.value)
    assert bicubic.meaning == "the same of bicubic enlargements, 1 exact one left out"


def test_nothing_held_out_cannot_be_measured(tmp_path: Path) -> None:
    Image.new("RGB", (40, 40)).save(tmp_path / "one.png")
    evaluation: Any = Enlarging()
    with pytest.raises(DataError, match="no held-out photograph"):
        likeness_scores(evaluation, Data(source=str(tmp_path), valid_share=0.0), 3)
