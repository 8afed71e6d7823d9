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
from gansuite.domain import Arrays, Score
from gansuite.errors import ConfigError
from gansuite.metrics.evaluation import DomainEvaluation, plain
from gansuite.metrics.features import classifier
from gansuite.metrics.features.model import FeatureModel
from gansuite_image.config import Features, ImageData, ImageGAN
from gansuite_image.domain import ImageDomain
from gansuite_image.generating import Seen
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
    seen = Seen(features=pixels().features(fake), guessed=None, labels=None)
    found = values([*feature_scores(seen, real_features(train, held_out, pixels())), *by_pixels])
    for name in ("FID", "pixel PCA Fréchet distance", "recall"):
        value, reference = found[name]
        assert value == pytest.approx(reference, rel=0.35), name
    assert all("100 generated" in score.meaning for score in by_pixels)
    assert found["FID, all"][0] < found["FID"][0]
    assert found["FID, all"][1] is None


class Perfect:
    """Answers with pictures like those of the data: dark ones of class 0, bright ones of class 1."""

    def __init__(self) -> None:
        self.asked: list[np.ndarray] = []

    def call(self, endpoint: str, inputs: Arrays, *, batch: int = 64) -> dict[str, np.ndarray]:
        self.asked.append(inputs["labels"])
        return {"images": painted(inputs["labels"], int(inputs["seed"][0])) / np.float32(255)}


def painted(labels: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(0, 100, (len(labels), 8, 8, 1))
    return np.asarray(noise + 150 * labels[:, None, None, None], np.uint8)


def test_a_perfect_generator_of_rare_classes_is_as_good_as_held_out_pictures(tmp_path: Path) -> None:
    means = keras.Sequential([keras.Input([8, 8, 1]), keras.layers.AveragePooling2D(4)])
    means.save(tmp_path / "means.keras")
    labels = (np.arange(3_000) % 10 == 9).astype(np.int64)
    np.savez(tmp_path / "rare.npz", images=painted(labels, 10_000)[..., 0], labels=labels)
    data = ImageData(source=str(tmp_path / "rare.npz"), size=8, channels=1, classes=2, valid_share=0.2)
    judged = Features(features="file", file=tmp_path / "means.keras")
    domain = ImageDomain(ImageGAN(data=data, evaluation=judged))
    perfect = Perfect()
    evaluation = DomainEvaluation(domain=domain, answers=perfect, count=1_000, seed=0)
    scores = domain.scores(evaluation)
    found = values(scores)
    assert np.mean(np.concatenate(perfect.asked)) == pytest.approx(0.1, abs=0.03)
    assert found["FID"][0] < 0.01
    assert found["FID, all"][0] < 0.01
    assert found["pixel PCA Fréchet distance"][0] < 1
    assert all("labels as frequent in both" in one.meaning for one in scores if "FID" in one.name)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_is_kept_as_none(value: float) -> None:
    kept = plain(Score(name="PSNR", value=value, reference=value, meaning="", better="higher"))
    assert json.loads(json.dumps(kept, allow_nan=False))["value"] is None
    assert kept["reference"] is None
