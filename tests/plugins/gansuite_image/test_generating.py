"""Generated pictures to be judged."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from gansuite.domain import Arrays
from gansuite.metrics.features.model import FeatureModel
from gansuite_image.generating import Seen, generate, labels_like

SIDE = 16
#: Pictures that may be in memory at a time.
MOST = 256


class Painted:
    """An evaluation by pictures as bright as their seed and label say; counts what it is asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.seed = 5
        self.asked: list[int] = []

    def call(self, endpoint: str, inputs: Arrays) -> dict[str, np.ndarray]:
        assert endpoint == "sample"
        self.asked.append(len(inputs["seed"]))
        shades = inputs["seed"] / 10_000 + 0.5 * inputs.get("labels", np.zeros(1))
        return {"images": np.repeat(shades, SIDE * SIDE).reshape(-1, SIDE, SIDE, 1).astype(np.float32)}


def shade() -> FeatureModel:
    """Sees how bright a picture is, and takes the bright half for class 1."""

    def look(pictures: Any) -> tuple[Any, Any]:
        bright = pictures[:, 0, 0]
        return bright, bright * [[0.0, 1.0]] + [[0.5, 0.0]]

    return FeatureModel(name="shade", sha256="", resizer="", look=look)


@pytest.mark.parametrize("count", [1, MOST, 3 * MOST + 7])
@pytest.mark.parametrize("first", [1, MOST + 3, 10_000])
def test_blocks_give_what_all_at_once_would(count: int, first: int) -> None:
    evaluation, model = Painted(count), shade()
    labels = np.random.default_rng(0).integers(2, size=count, dtype=np.int32)
    whole = evaluation.call("sample", {"seed": np.arange(5, 5 + count), "labels": labels})["images"]
    evaluation.asked.clear()
    kept = np.empty((min(first, count), SIDE, SIDE, 1), np.float32)
    seen = generate(evaluation, labels, model, kept)  # type: ignore[arg-type]
    assert seen is not None
    np.testing.assert_array_equal(kept, whole[:first])
    features, probabilities = model.both(whole)
    np.testing.assert_array_equal(seen.features, features)
    assert probabilities is not None
    np.testing.assert_array_equal(seen.guessed, probabilities.argmax(axis=1))
    assert seen.agreement == 1
    assert sum(evaluation.asked) == count
    assert max(evaluation.asked) <= MOST


@pytest.mark.parametrize("model", [None, shade()])
def test_no_more_pictures_are_kept_than_are_needed(model: FeatureModel | None) -> None:
    evaluation = Painted(count=40 * MOST)
    kept = np.empty((10, SIDE, SIDE, 1), np.float32)
    generate(Painted(count=MOST), None, model, kept)  # type: ignore[arg-type]  # compiles
    tracemalloc.start()
    seen = generate(evaluation, None, model, kept)  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (seen is None) == (model is None)
    assert peak < 10 * MOST * kept[0].nbytes


@pytest.mark.parametrize("count", [50, 1_000, 2_500])
def test_labels_are_as_frequent_as_those_of_the_data_wherever_one_stops(count: int) -> None:
    real = np.repeat(np.int32([0, 3]), [900, 100])
    labels = labels_like(real, count, seed=1)
    assert len(labels) == count
    assert labels.dtype == np.int32
    assert set(labels) == {0, 3}
    for some in (labels[:50], labels):
        assert np.mean(some == 3) == pytest.approx(0.1, abs=0.08)
    np.testing.assert_array_equal(labels, labels_like(real, count, seed=1))
    assert not np.array_equal(labels, labels_like(real, count, seed=2))
    if count >= len(real):
        assert np.bincount(labels[:1_000]).tolist() == [900, 0, 0, 100]


def test_agreement_is_told_where_there_are_classes_and_guesses() -> None:
    features, labels = np.zeros((4, 1)), np.int32([0, 1, 1, 0])
    assert Seen(features=features, guessed=np.array([0, 1, 0, 0]), labels=labels).agreement == 0.75
    assert Seen(features=features, guessed=None, labels=labels).agreement is None
    assert Seen(features=features, guessed=labels, labels=None).agreement is None
