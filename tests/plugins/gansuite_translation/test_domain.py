"""Pix2Pix as a domain: who plays, what it minimises, and what a run can do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gansuite.errors import ConfigError, DataError
from gansuite.export.guarding import MOST_PIXELS
from gansuite.game import Player, Turn
from gansuite.noise import Noise
from gansuite_translation.edges import draw_edges

Make = Any
Write = Any


def turn_of(domain: Any, networks: Any, rows: int = 4) -> Turn:
    batch = domain.examples("train").load(tf.range(rows, dtype=tf.int64), Noise(seed=0, rows=rows))
    return Turn(networks=networks, batch=batch, noise=Noise(seed=0, rows=rows), step=tf.constant(0, tf.int64))


def players(domain: Any) -> dict[str, Player]:
    [phase] = domain.phases()
    return {player.name: player for player in phase.players}


def test_the_discriminator_s_loss_is_halved_and_l1_counts_a_hundred_times(
    make: Make, side_by_side: Path
) -> None:
    found = players(make("pix2pix", side_by_side))
    assert list(found) == ["discriminator", "generator"]
    assert found["discriminator"].weights == {"real": 0.5, "fake": 0.5}
    assert found["generator"].weights == {"adversarial": 1.0, "l1": 100.0}


def test_losses_of_known_networks(make: Make, side_by_side: Path) -> None:
    """A generator and a discriminator that answer 0: log 2 each, and the mean of |target|."""
    domain = make("pix2pix", side_by_side)
    seen = []

    def generator(inputs: list[tf.Tensor], training: bool) -> tf.Tensor:
        assert training
        return tf.zeros_like(inputs[0])

    def discriminator(pictures: tf.Tensor, training: bool) -> tf.Tensor:
        seen.append(pictures)
        return tf.zeros([pictures.shape[0], 9])

    turn = turn_of(domain, {"generator": generator, "discriminator": discriminator})
    found = players(domain)
    terms = {**found["generator"].loss(turn), **found["discriminator"].loss(turn)}
    assert float(terms["adversarial"]) == pytest.approx(np.log(2))
    assert float(terms["real"]) == float(terms["fake"]) == pytest.approx(np.log(2))
    assert float(terms["l1"]) == pytest.approx(float(tf.reduce_mean(tf.abs(turn.batch["targets"]))))
    of_generator, of_both = seen
    assert of_generator.shape[1:] == (16, 16, 6)
    np.testing.assert_array_equal(of_both[:4, ..., :3], turn.batch["inputs"])
    np.testing.assert_array_equal(of_both[:4, ..., 3:], turn.batch["targets"])
    np.testing.assert_array_equal(of_both[4:, ..., 3:], tf.zeros([4, 16, 16, 3]))


@pytest.mark.parametrize("sets", [(), ("l1=0",), ("generator.dropout=0", "data.channels=1")])
def test_each_player_s_loss_reaches_what_it_trains(
    make: Make, side_by_side: Path, sets: tuple[str, ...]
) -> None:
    domain = make("pix2pix", side_by_side, *sets)
    networks = domain.networks()
    turn = turn_of(domain, networks)
    for player in players(domain).values():
        with tf.GradientTape() as tape:
            total = tf.add_n(list(player.loss(turn).values()))
        weights = [weight.value for name in player.trains for weight in networks[name].trainable_weights]
        assert None not in tape.gradient(total, weights)


def test_l1_alone_has_no_discriminator(make: Make, side_by_side: Path) -> None:
    domain = make("pix2pix", side_by_side, "adversarial=0")
    assert list(domain.networks()) == ["generator"]
    [player] = players(domain).values()
    assert list(player.loss(turn_of(domain, domain.networks()))) == ["l1"]


def test_translations_are_drawn_between_input_and_target(
    make: Make, side_by_side: Path, tmp_path: Path
) -> None:
    domain = make("pix2pix", side_by_side)
    preview = domain.preview()
    assert preview.endpoint == "compare"
    outputs = domain.endpoints()["compare"].function(
        domain.networks(), **{name: tf.constant(value) for name, value in preview.inputs.items()}
    )
    outputs = {name: value.numpy() for name, value in outputs.items()}
    (tmp_path / "drawn").mkdir()
    files = domain.render(outputs, tmp_path / "drawn", preview.names)
    assert files[0].name == "grid.png"
    with Image.open(tmp_path / "drawn" / "picture-0.png") as picture:
        drawn = np.asarray(picture) / 255
    assert drawn.shape == (16, 16 * 3 + 4, 3)
    assert np.abs(drawn[:, :16] - outputs["inputs"][0]).max() < 0.01
    assert np.abs(drawn[:, 18:34] - outputs["images"][0]).max() < 0.01
    assert np.abs(drawn[:, 36:] - outputs["targets"][0]).max() < 0.01


def test_a_description_counts_pairs_and_what_was_skipped(make: Make, write: Write) -> None:
    folder = write({**{f"{side}/{number}.png": number for side in "AB" for number in range(4)}, "A/9.png": 9})
    described = make("pix2pix", folder, "data.valid_share=0").describe()["pictures"]
    assert described["counts"]["train"] == [4, 4]
    assert (described["skipped_count"], described["skipped"][0][0]) == (1, "A/9.png")


@pytest.mark.parametrize(
    ("plugin", "sets", "multiple", "least"),
    [
        ("pix2pix", (), 512, 512),
        ("cyclegan", ("generator.kind=unet",), 512, 512),
        ("cyclegan", (), 4, 8),
    ],
)
def test_a_server_counts_the_pixels_that_a_generator_sees(
    make: Make, side_by_side: Path, plugin: str, sets: tuple[str, ...], multiple: int, least: int
) -> None:
    domain = make(plugin, side_by_side, "data.size=512", *sets)
    any_size = [one for one in domain.endpoints().values() if one.served and "images" in one.inputs]
    assert len(any_size) == 2
    for endpoint in any_size:
        more = {key: tf.zeros([2]) for key in endpoint.inputs if key != "images"}

        def seen(*shape: int, endpoint: Any = endpoint, more: Any = more) -> int:
            return int(endpoint.pixels(images=tf.zeros([*shape, 3]), **more))

        assert seen(1024, 1, 1) == 1024 * least**2
        assert seen(2, 513, multiple) == 2 * (512 + multiple) * least
        # What it learned from is taken in batches of 64.
        assert seen(64, 512, 512) == MOST_PIXELS


def test_weights_for_evaluation_are_looked_for_before_training(
    make: Make, side_by_side: Path, shared_data: Path
) -> None:
    lost = make("pix2pix", side_by_side, "data.size=32", "perceptual.backbone=lost.npz")
    with pytest.raises(DataError, match="no such file"):
        lost.preview()
    backbone = shared_data / "squeezenet" / "squeezenet1_1_fp16.npz"
    small = make("pix2pix", side_by_side, f"perceptual.backbone={backbone}")
    with pytest.raises(ConfigError, match="at least 17 pixels"):
        small.preview()


def test_edges_are_where_brightness_changes() -> None:
    pixels = np.full((20, 20), 40, np.uint8)
    pixels[:, 10:] = 200
    edges = draw_edges(Image.fromarray(pixels))
    assert edges.shape == (20, 20)
    assert set(np.flatnonzero((edges == 0).all(axis=0))) <= {9, 10}
    assert (edges == 0).any(axis=0).sum() == 1
    assert (draw_edges(Image.new("L", (9, 9), 77)) == 255).all()


def test_the_default_data_is_made_without_a_download(data_home: Path, make: Make) -> None:
    domain = make("pix2pix", "edges", "data.size=64", "data.jitter=8")
    train, valid = domain.examples("train"), domain.examples("valid")
    assert train.size > 120
    assert valid.size > 15
    pair = train.load(tf.range(1, dtype=tf.int64), Noise(seed=0))
    assert set(np.unique(pair["inputs"])) == {-1.0, 1.0}
    assert len(np.unique(pair["targets"])) > 50
