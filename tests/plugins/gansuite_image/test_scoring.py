"""What generated pictures are compared with."""

from __future__ import annotations

import json
from collections.abc import Sequence

import keras
import numpy as np
import pytest

from gansuite.domain import Score
from gansuite.metrics.evaluation import plain
from gansuite.metrics.features.model import FeatureModel
from gansuite_image.scoring import Judged, feature_scores, pixel_scores

PICTURES = np.random.default_rng(0).uniform(size=(4000, 4, 4, 1)).astype(np.float32)


def judged(fake: int, held_out: int) -> Judged:
    """Pictures of one distribution on all three sides."""
    return Judged(
        fake=PICTURES[:fake], labels=None, train=PICTURES[2000:], held_out=PICTURES[1000 : 1000 + held_out]
    )


def pixels() -> FeatureModel:
    return FeatureModel(
        name="pixels", sha256="", resizer="", look=lambda seen: (keras.ops.reshape(seen, [-1, 16]), None)
    )


def values(scores: Sequence[Score]) -> dict[str, tuple[float, float | None]]:
    return {score.name: (score.value, score.reference) for score in scores}


@pytest.mark.parametrize("counts", [(1000, 100), (100, 1000)])
def test_both_sides_of_a_comparison_have_as_many_pictures(counts: tuple[int, int]) -> None:
    pictures = judged(*counts)
    assert pictures.equal == 100
    found = values([*feature_scores(pictures, pixels()), *pixel_scores(pictures)])
    for name in ("FID", "pixel PCA Fréchet distance", "recall"):
        value, reference = found[name]
        assert value == pytest.approx(reference, rel=0.35), name
    assert "of 100 generated" in next(one.meaning for one in pixel_scores(pictures))


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_is_kept_as_none(value: float) -> None:
    kept = plain(Score(name="PSNR", value=value, reference=value, meaning="", better="higher"))
    assert json.loads(json.dumps(kept, allow_nan=False))["value"] is None
    assert kept["reference"] is None
