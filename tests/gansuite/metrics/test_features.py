"""Feature networks: trained once, opened again, refused where they are not what they should be."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.data.cache import Cache
from gansuite.data.images.form import Form
from gansuite.data.images.preparing import prepare_images
from gansuite.errors import ConfigError, DataError
from gansuite.metrics.features import classifier
from gansuite.metrics.features.classifier import train_classifier, trained_classifier
from gansuite.metrics.features.inception import as_photographs, inception
from gansuite.metrics.features.saved import saved_model

SIDE = 8


@pytest.fixture
def stripes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """Pictures with stripes across or down: a classifier cannot miss them."""
    monkeypatch.setenv("GANSUITE_HOME", str(tmp_path / "home"))
    random = np.random.default_rng(0)
    labels = random.integers(2, size=400)
    images = random.integers(0, 60, size=(400, SIDE, SIDE), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[(slice(None, None, 2), slice(None)) if label else (slice(None), slice(None, None, 2))] += 150
    np.savez(tmp_path / "stripes.npz", images=images, labels=labels)
    return prepare_images(tmp_path / "stripes.npz", Form(size=SIDE, channels=1))


def test_a_classifier_is_trained_once_and_tells_classes_apart(
    stripes: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifier, "LEAST_STEPS", 60)
    assert trained_classifier(stripes) is None
    model, accuracy = train_classifier(stripes)
    assert accuracy > 0.95
    again = trained_classifier(stripes)
    assert again is not None
    assert again.sha256 == model.sha256
    pictures = stripes.arrays["valid_images"].read(np.arange(10)) / 255.0
    features, probabilities = again.both(pictures)
    assert features.shape == (10, 128)
    assert probabilities is not None
    labels = stripes.arrays["valid_labels"].read(np.arange(10))
    assert (probabilities.argmax(axis=1) == labels).mean() > 0.8
    assert np.array_equal(model.features(pictures), features)


def test_pictures_without_labels_train_no_classifier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANSUITE_HOME", str(tmp_path / "home"))
    np.savez(tmp_path / "plain.npz", images=np.zeros([60, SIDE, SIDE], np.uint8))
    cache = prepare_images(tmp_path / "plain.npz", Form(size=SIDE, channels=1))
    with pytest.raises(DataError, match="no labels"):
        train_classifier(cache)


def test_weights_that_are_missing_or_others_are_never_replaced_by_chance(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="bcbd6486424b2319ff4ef7d526e38f63"):
        inception(tmp_path / "nowhere.h5")
    (tmp_path / "other.h5").write_bytes(b"something else")
    with pytest.raises(DataError, match="is not the file"):
        inception(tmp_path / "other.h5")


def test_any_saved_model_can_judge(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input([6, 6, 1]), keras.layers.Conv2D(4, 3, name="four")])
    model.save(tmp_path / "model.keras")
    found = saved_model(tmp_path / "model.keras", "four")
    pictures = np.random.default_rng(0).uniform(size=(3, 6, 6, 1)).astype(np.float32)
    expected = model(pictures).numpy().mean(axis=(1, 2))
    assert found.features(pictures) == pytest.approx(expected, abs=1e-3)
    assert len(found.sha256) == 64
    with pytest.raises(DataError, match="cannot be used"):
        saved_model(tmp_path / "model.keras", "five")
    with pytest.raises(DataError, match="no such file"):
        saved_model(tmp_path / "nowhere.keras", "")
    with zipfile.ZipFile(tmp_path / "empty.keras", "w") as archive:
        archive.writestr("nothing", "")
    with pytest.raises(DataError, match="cannot be used"):
        saved_model(tmp_path / "empty.keras", "")


@pytest.mark.parametrize(
    ("preprocessing", "mode"),
    [("caffe", "caffe"), ("imagenet", "torch"), ("symmetric", "tf"), ("unit", None), ("pixels", None)],
)
def test_a_saved_model_is_shown_what_it_was_trained_with(
    tmp_path: Path, preprocessing: str, mode: str | None
) -> None:
    keras.Sequential([keras.Input([6, 6, 3]), keras.layers.Identity()]).save(tmp_path / "colours.keras")
    found = saved_model(tmp_path / "colours.keras", "", preprocessing)
    pictures = np.random.default_rng(0).uniform(size=(3, 6, 6, 3)).astype(np.float32)
    expected = pictures * (255 if preprocessing == "pixels" else 1)
    if mode is not None:
        expected = keras.applications.imagenet_utils.preprocess_input(255 * pictures, mode=mode)
    assert found.features(pictures) == pytest.approx(expected.mean(axis=(1, 2)), rel=1e-4, abs=1e-3)
    assert (f"preprocessing {preprocessing}" in found.name) == (preprocessing != "unit")


def test_a_model_of_grey_pictures_is_shown_another_range_but_no_colours(tmp_path: Path) -> None:
    keras.Sequential([keras.Input([6, 6, 1]), keras.layers.Identity()]).save(tmp_path / "grey.keras")
    pictures = np.full((2, 6, 6, 1), 0.5, np.float32)
    found = saved_model(tmp_path / "grey.keras", "", "pixels").features(pictures)
    assert found == pytest.approx(127.5, rel=1e-3)
    with pytest.raises(ConfigError, match="caffe is for pictures in colour"):
        saved_model(tmp_path / "grey.keras", "", "caffe")


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([keras.Input([5]), keras.layers.Dense(1)], "not square pictures"),
        ([keras.Input([None, None, 3]), keras.layers.Conv2D(4, 3)], "and a fixed size"),
        ([keras.Input([6, 6, 1]), keras.layers.Reshape([6, 6])], "neither features nor"),
    ],
)
def test_a_model_that_takes_or_gives_something_else_is_refused(
    tmp_path: Path, layers: list[Any], message: str
) -> None:
    keras.Sequential(layers).save(tmp_path / "other.keras")
    with pytest.raises(DataError, match=message):
        saved_model(tmp_path / "other.keras", "")


def test_photographs_are_resized_with_antialiasing() -> None:
    """Half of the pixels are white in turn: what is left of them is grey."""
    pictures = np.indices([1, 64, 64, 1])[1:3].sum(axis=0) % 2
    small = as_photographs(tf.constant(pictures, tf.float32), 8).numpy()
    assert small.shape == (1, 8, 8, 3)
    assert np.abs(small[:, 2:-2, 2:-2] - 0.5).max() < 0.05
