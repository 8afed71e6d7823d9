"""What generated pictures are compared with."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pytest

from gansuite.cli import main
from gansuite.domain import Score
from gansuite.errors import ConfigError
from gansuite.metrics.evaluation import plain
from gansuite.metrics.features import classifier
from gansuite.metrics.features.model import FeatureModel
from gansuite_image.config import Features, ImageData, ImageGAN
from gansuite_image.pictures import prepared
from gansuite_image.scoring import feature_model, feature_scores, pixel_scores, real_features, real_pixels

PICTURES = np.random.default_rng(0).uniform(size=(4000, 4, 4, 1)).astype(np.float32)


def test_the_classifier_that_is_missing_is_there_after_what_its_error_says(
    tmp_path: Path, data_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (200, 8, 8), np.uint8)
    np.savez(tmp_path / "plain.npz", images=images, labels=images[:, 0, 0] // 128)
    data = ImageData(source=str(tmp_path / "plain.npz"), size=8, channels=1, valid_share=0.25)
    config = ImageGAN(data=data, evaluation=Features(features="classifier"))
    with pytest.raises(ConfigError) as caught:
        feature_model(config, lambda: prepared(data))
    said = str(caught.value.hint).partition("gansuite ")[2]
    monkeypatch.setattr(classifier, "LEAST_STEPS", 1)
    assert main(shlex.split(said)) == 0
    assert feature_model(config, lambda: prepared(data)) is not None


def pixels() -> FeatureModel:
    return FeatureModel(
        name="pixels", sha256="", resizer="", look=lambda seen: (keras.ops.reshape(seen, [-1, 16]), None)
    )


def values(scores: Sequence[Score]) -> dict[str, tuple[float, float | None]]:
    return {score.name: (score.value, score.reference) for score in scores}


def test_both_sides_of_a_comparison_have_as_many_pictures() -> None:
    fake, train, held_out = PICTURES[:1000], PICTURES[2000:], PICTURES[1000:1100]
    by_pixels = pixel_scores(fake, real_pixels(train, held_out))
    found = values([*feature_scores(fake, None, real_features(train, held_out, pixels())), *by_pixels])
    for name in ("FID", "pixel PCA Fréchet distance", "recall"):
        value, reference = found[name]
        assert value == pytest.approx(reference, rel=0.35), name
    assert all("100 generated" in score.meaning for score in by_pixels)
    assert found["FID, all"][0] < found["FID"][0]
    assert found["FID, all"][1] is None


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_is_kept_as_none(value: float) -> None:
    kept = plain(Score(name="PSNR", value=value, reference=value, meaning="", better="higher"))
    assert json.loads(json.dumps(kept, allow_nan=False))["value"] is None
    assert kept["reference"] is None
