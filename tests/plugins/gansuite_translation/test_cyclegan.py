"""CycleGAN: two translators, two judges, there and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

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


def test_scores_say_what_is_lost_there_and_back(make: Make, side_by_side: Path) -> None:
    domain = make("cyclegan", side_by_side)

    class Evaluation:
        count, seed = 2, 0

        def examples(self, split: Any) -> Any:
            return domain.examples(split)

        def call(self, endpoint: str, inputs: Any) -> dict[str, np.ndarray]:
            changed = {"a_to_b_to_a": inputs["a"] + 0.25, "b_to_a_to_b": inputs["b"] - 0.5}
            return {"a_to_b": inputs["a"], "b_to_a": inputs["b"], **changed}

    scores = domain.scores(Evaluation())
    assert {one.name: one.value for one in scores} == {
        "L1, A there and back": pytest.approx(0.25),
        "L1, B there and back": pytest.approx(0.5),
    }
    json.dumps([one.meaning for one in scores])
