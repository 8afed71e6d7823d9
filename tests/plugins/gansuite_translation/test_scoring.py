"""How translations are judged: some at a time, as many as are asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from gansuite.domain import Arrays
from gansuite.metrics.evaluation import DomainEvaluation
from gansuite.noise import Noise
from gansuite.training.answers import Answers
from gansuite_translation import scoring
from gansuite_translation.scoring import pair_figures, scores_of_pairs

Make = Any


class Counting(Answers):
    """Answers of an untrained run, with how many rows were asked for at a time."""

    def __init__(self, domain: Any) -> None:
        super().__init__(domain, domain.networks())
        self.rows: list[int] = []

    def call(self, endpoint: str, inputs: Arrays, *, batch: int = 64) -> dict[str, np.ndarray]:
        self.rows.append(len(next(iter(inputs.values()))))
        return super().call(endpoint, inputs, batch=batch)


@pytest.mark.parametrize("plugin", ["pix2pix", "cyclegan"])
def test_scores_do_not_depend_on_how_many_are_judged_at_a_time(
    make: Make, side_by_side: Path, monkeypatch: pytest.MonkeyPatch, plugin: str
) -> None:
    domain = make(plugin, side_by_side, "data.valid_share=0.6")
    answers = Counting(domain)
    evaluation = DomainEvaluation(domain=domain, answers=answers, count=1000, seed=0)
    whole = domain.scores(evaluation)
    at_once = answers.rows.copy()
    answers.rows.clear()
    monkeypatch.setattr(scoring, "ROWS", 2)
    in_parts = domain.scores(evaluation)
    assert set(at_once) == {domain.examples("valid").size}
    assert at_once[0] > 4
    assert sum(answers.rows) == sum(at_once)
    assert max(answers.rows) == 2
    assert [one.meaning for one in in_parts] == [one.meaning for one in whole]
    assert [one.value for one in in_parts] == pytest.approx([one.value for one in whole], rel=1e-5)


def test_scores_are_those_of_all_pairs_at_once(make: Make, side_by_side: Path) -> None:
    domain = make("pix2pix", side_by_side, "data.valid_share=0.6")
    answers = Answers(domain, domain.networks())
    evaluation = DomainEvaluation(domain=domain, answers=answers, count=3, seed=0)
    pairs = {name: (pictures + 1) / 2 for name, pictures in evaluation.load("valid", 3).items()}
    made = answers.call("translate", {"images": pairs["inputs"]})["images"]
    found = {one.name: one.value for one in domain.scores(evaluation)}
    assert found == pytest.approx(pair_scores(made, pairs["targets"]), rel=1e-5)
    assert found["L1"] == pytest.approx(np.abs(made - pairs["targets"]).mean(), rel=1e-5)


def test_large_pictures_are_judged_one_by_one(make: Make, side_by_side: Path) -> None:
    asked = []
    evaluation: Any = Many(count=3, seen=asked)
    scoring.in_blocks(evaluation, evaluation, 2048, lambda pairs: {"L1": np.zeros(len(pairs["inputs"]))})
    assert asked == [1, 1, 1]


@dataclass(frozen=True, kw_only=True)
class Many:
    """An evaluation of more pairs than are judged by default, each of which is translated as it should be."""

    count: int
    seed: int = 0
    size: int = 1098
    seen: list[int] = field(default_factory=list)

    def examples(self, split: Any) -> Any:
        return self

    def load(self, indices: tf.Tensor, noise: Noise) -> Mapping[str, tf.Tensor]:
        self.seen.append(len(indices))
        return dict.fromkeys(("inputs", "targets"), tf.zeros([len(indices), 16, 16, 3]))

    def call(self, endpoint: str, inputs: Any) -> dict[str, np.ndarray]:
        return {"images": inputs["images"]}


@pytest.mark.parametrize(("asked", "judged"), [(1050, 1050), (5000, 1098)])
def test_as_many_are_judged_as_are_asked_for_and_there_are(
    make: Make, side_by_side: Path, asked: int, judged: int
) -> None:
    evaluation = Many(count=asked)
    scores = make("pix2pix", side_by_side).scores(evaluation)
    assert sum(evaluation.seen) == judged
    assert max(evaluation.seen) <= scoring.ROWS
    assert all(f"of {judged} " in score.meaning for score in scores)


def test_a_pair_that_is_the_same_does_not_make_the_mean_infinite() -> None:
    targets = np.random.default_rng(0).random((3, 16, 16, 3)).astype(np.float32) / 2
    made = targets + np.array([0.0, 0.1, 0.1], np.float32)[:, None, None, None]
    scores = {one.name: one for one in scores_of_pairs(pair_figures(made, targets, None), None)}
    assert scores["PSNR"].value == pytest.approx(20, abs=1e-4)
    assert (
        "of 3 translations to their partners, dB, all channels, 1 exact one left out"
        in scores["PSNR"].meaning
    )
    assert scores["L1"].value == pytest.approx(0.2 / 3, rel=1e-5)
    assert pair_scores(targets, targets)["PSNR"] == math.inf


def pair_scores(made: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    return {one.name: one.value for one in scores_of_pairs(pair_figures(made, targets, None), None)}
