"""CycleGAN: two translators, two judges, there and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from gansuite.errors import DataError
from gansuite.game import Player, Turn
from gansuite.noise import Noise

Make = Any


def turn_of(domain: Any, networks: Any, rows: int = 2) -> Turn:
    batch = domain.examples("train").load(tf.range(rows, dtype=tf.int64), Noise(seed=0, rows=rows))
    return Turn(networks=networks, batch=batch, noise=Noise(seed=0, rows=rows), step=tf.constant(0, tf.int64))


def players(domain: Any) -> dict[str, Player]:
    [phase] = domain.phases()
    return {player.name: player for player in phase.players}


def known_networks() -> dict[str, Any]:
    """Translators that halve and double, and judges that answer 0."""

    def judge(pictures: tf.Tensor, training: bool) -> tf.Tensor:
        return tf.zeros([pictures.shape[0], 4])

    return {
        "a_to_b": lambda inputs, training: 0.5 * inputs[0],
        "b_to_a": lambda inputs, training: 2.0 * inputs[0],
        "judge_a": judge,
        "judge_b": judge,
    }


def test_translators_that_undo_each_other_lose_nothing_on_the_way(make: Make, side_by_side: Path) -> None:
    domain = make("cyclegan", side_by_side)
    found = players(domain)
    assert list(found) == ["judge_b", "judge_a", "translators"]
    turn = turn_of(domain, known_networks())
    terms = {name: float(term) for name, term in found["translators"].loss(turn).items()}
    assert terms["cycle_a"] == terms["cycle_b"] == pytest.approx(0, abs=1e-6)
    of_a, of_b = (float(tf.reduce_mean(tf.abs(turn.batch[side]))) for side in ("a", "b"))
    assert terms["identity_b"] == pytest.approx(0.5 * of_b, rel=1e-5)
    assert terms["identity_a"] == pytest.approx(of_a, rel=1e-5)
    assert terms["adversarial_a"] == terms["adversarial_b"] == 0.5
    assert {float(term) for term in found["judge_a"].loss(turn).values()} == {0.0, 0.5}
    assert found["translators"].weights["cycle_a"] == 10
    assert found["translators"].weights["adversarial_b"] == 2


@pytest.mark.parametrize(
    ("sets", "terms"),
    [
        ((), 6),
        (("identity=0",), 4),
        (("cycle=0", "identity=0", "generator={kind='unet',width=4,dropout=0.5}"), 2),
    ],
)
def test_each_player_s_loss_reaches_what_it_trains(
    make: Make, side_by_side: Path, sets: tuple[str, ...], terms: int
) -> None:
    domain = make("cyclegan", side_by_side, "generator.blocks=1", *sets)
    networks = domain.networks()
    turn = turn_of(domain, networks)
    for player in players(domain).values():
        with tf.GradientTape() as tape:
            made = player.loss(turn)
            total = tf.add_n(list(made.values()))
        assert len(made) == (terms if player.name == "translators" else 2)
        weights = [weight.value for name in player.trains for weight in networks[name].trainable_weights]
        assert None not in tape.gradient(total, weights)


def test_both_directions_and_there_and_back(make: Make, side_by_side: Path) -> None:
    domain = make("cyclegan", side_by_side, "generator.blocks=1")
    networks, endpoints = domain.networks(), domain.endpoints()
    assert dict(domain.directions) == {"A-to-B": "translate", "B-to-A": "translate_back"}
    images = tf.random.stateless_uniform([2, 21, 10, 3], [0, 0])
    there = endpoints["translate"].function(networks, images=images)["images"]
    back = endpoints["translate_back"].function(networks, images=there)["images"]
    assert there.shape == images.shape
    compared = endpoints["compare"].function(networks, a=images, b=images)
    assert np.abs(compared["a_to_b"] - there).max() < 1e-5
    assert np.abs(compared["a_to_b_to_a"] - back).max() < 1e-5
    assert set(compared) < set(domain.panels)


class Known:
    """An evaluation by a translator that halves brightness, and one back that adds a quarter."""

    seed = 0

    def __init__(self, count: int) -> None:
        self.count = count

    def call(self, endpoint: str, inputs: Any) -> dict[str, np.ndarray]:
        images = inputs["images"]
        return {"images": images / 2 if endpoint == "translate" else images + 0.25}


def grey(brightness: int) -> np.ndarray:
    return np.full((16, 16, 3), brightness, np.uint8)


@pytest.fixture
def uneven(write: Any) -> Path:
    """Five pictures of A are held out, black ones, and two of B, a black and a white one."""
    learned = {f"train{side}/{number}.png": number for side in "AB" for number in range(2)}
    held_out = {f"testA/{number}.png": grey(0) for number in range(5)}
    return write({**learned, **held_out, "testB/0.png": grey(0), "testB/1.png": grey(255)})


def test_scores_say_what_is_lost_there_and_back_of_each_picture_once(make: Make, uneven: Path) -> None:
    scores = make("cyclegan", uneven).scores(Known(1000))
    assert {one.name: one.value for one in scores} == {
        "L1, A there and back": pytest.approx(0.25),
        "L1, B there and back": pytest.approx((0.125 + 0.375) / 2),
    }
    assert "of 5 pictures of A " in scores[0].meaning
    assert "of 2 pictures of B " in scores[1].meaning
    json.dumps([one.meaning for one in scores])


@pytest.mark.parametrize(("asked", "judged"), [(3, (3, 2)), (1, (1, 1))])
def test_as_many_of_each_side_are_judged_as_are_asked_for_and_there_are(
    make: Make, uneven: Path, asked: int, judged: tuple[int, int]
) -> None:
    scores = make("cyclegan", uneven).scores(Known(asked))
    found = [f"of {count} pictures of" in one.meaning for one, count in zip(scores, judged, strict=True)]
    assert found == [True, True]


@pytest.mark.parametrize(("held", "missing"), [("A", "B"), ("B", "A")])
def test_a_side_of_which_nothing_is_held_out_stops_neither_training_nor_evaluation(
    make: Make, write: Any, held: str, missing: str
) -> None:
    learned = {f"train{side}/{number}.png": number for side in "AB" for number in range(3)}
    domain = make("cyclegan", write({**learned, f"test{held}/0.png": 7}))
    assert {name: len(rows) for name, rows in domain.preview().inputs.items()} == {"a": 3, "b": 3}
    scores = {one.name: one for one in domain.scores(Known(10))}
    assert np.isfinite(scores[f"L1, {held} there and back"].value)
    undefined = scores[f"L1, {missing} there and back"]
    assert np.isnan(undefined.value)
    assert f"no pictures of {missing} are held out" in undefined.meaning
    assert f"test{missing}" in undefined.meaning


def test_where_nothing_is_held_out_evaluation_says_so(make: Make, side_by_side: Path) -> None:
    domain = make("cyclegan", side_by_side, "data.valid_share=0")
    with pytest.raises(DataError, match="no pictures of A in the valid part"):
        domain.scores(Known(10))
