"""Which figures can be compared."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import pytest

from gansuite.config import setting
from gansuite.settings import Training
from gansuite.training.merits import judged_by


@dataclass(frozen=True, kw_only=True)
class Judging:
    samples: int = setting(10, help="How many.")


@dataclass(frozen=True, kw_only=True)
class Judged:
    training: Training = setting(Training(steps=5), help="How long.")
    judging: Judging = setting(Judging(), may_change=True, help="How it is judged.")
    others: tuple[Judging, ...] = setting((Judging(),), may_change=True, help="How else.")
    eyes: int = setting(2, may_change=True, help="Of the judge.")
    eyesight: int = setting(9, help="What cannot change needs not be compared.")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"judging": Judging(samples=11)}, False),
        ({"others": (Judging(samples=11),)}, False),
        ({"eyes": 1}, False),
        ({"training": Training(steps=5, evaluate_count=9)}, False),
        ({"training": Training(steps=7, evaluate_every=3)}, True),
        ({"eyesight": 8}, True),
    ],
)
def test_figures_of_another_way_to_judge_are_not_compared(change: dict[str, Any], same: bool) -> None:
    assert (judged_by(dataclasses.replace(Judged(), **change)) == judged_by(Judged())) is same
