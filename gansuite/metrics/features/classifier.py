"""A small classifier, trained once on a data set itself: a yardstick that needs no download.

Its features tell the data set's own classes apart, which an Inception network, trained on photographs, need
not. Figures computed with it compare runs on one data set; they are not comparable with published FIDs.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from gansuite.data.cache import Cache, CacheWriter, opened, prepare
from gansuite.data.progress import progress
from gansuite.errors import DataError
from gansuite.metrics.features.model import FeatureModel, hash_weights
from gansuite.metrics.sampling import some_rows

#: Raised when the network or its training changes.
VERSION = 1
EPOCHS = 4
#: A small data set is passed more often.
LEAST_STEPS = 500
BATCH = 128
RATE = 2e-3
WIDTHS = (32, 64, 128)
FEATURES = 128
#: Training examples at most, so that a large data set takes minutes too.
MOST = 200_000


def classifier_key(pictures: Cache) -> dict[str, Any]:
    """Return what a classifier is known by: the pictures it was trained on."""
    return {"version": VERSION, "pictures": pictures.folder.name}


def trained_classifier(pictures: Cache) -> FeatureModel | None:
    """Return the classifier that was trained on some prepared pictures, or None."""
    cache = opened("features", classifier_key(pictures))
    return None if cache is None else _model(cache, _size(pictures))


def train_classifier(pictures: Cache) -> tuple[FeatureModel, float]:
    """Train a classifier on prepared pictures, once; opens the one of the last time.

    Args:
        pictures: of `prepare_images`, with labels and a part held out.

    Returns:
        The model, and the share of held-out pictures it gets right.

    Raises:
        DataError: the pictures have no labels, or none are held out.
    """
    if "train_labels" not in pictures.arrays or not len(pictures.arrays["valid_labels"]):
        hint = "A classifier needs labelled pictures, some of them held out (data.valid_share)."
        raise DataError("there are no labels to learn from", where=str(pictures.folder), hint=hint)
    cache = prepare("features", classifier_key(pictures), lambda writer: _train(writer, pictures))
    return _model(cache, _size(pictures)), float(cache.info["accuracy"])


def _train(writer: CacheWriter, pictures: Cache) -> None:
    rows = some_rows(len(pictures.arrays["train_images"]), MOST)
    images, labels = pictures.arrays["train_images"], _labels(pictures, "train")
    classes = int(labels.max()) + 1
    keras.utils.set_random_seed(0)
    network = _network(_size(pictures), classes)
    epochs = max(EPOCHS, -(-LEAST_STEPS * BATCH // len(rows)))
    random = np.random.default_rng(0)
    order = np.concatenate([rows[random.permutation(len(rows))] for _ in range(epochs)])
    steps = len(order) // BATCH
    network.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, steps)),
        loss={"logits": keras.losses.SparseCategoricalCrossentropy(from_logits=True)},
    )
    for step in progress(range(steps), "training a classifier"):
        batch = order[step * BATCH : (step + 1) * BATCH]
        network.train_on_batch(_unit(images.read(batch)), {"logits": labels[batch]})
    weights = network.get_weights()
    accuracy = _accuracy(network, pictures)
    for number, weight in enumerate(weights):
        writer.append(f"weight_{number}", weight[None])
    writer.info.update(accuracy=accuracy, classes=classes, weights=len(weights), sha256=hash_weights(weights))


def _unit(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32) / np.float32(255)


def _network(shape: tuple[int, ...], classes: int) -> keras.Model:
    pictures = keras.Input(shape, name="pictures")
    features = layers.Rescaling(2.0, -1.0)(pictures)
    for width in WIDTHS:
        for _ in range(2):
            features = layers.Conv2D(width, 3, padding="same", use_bias=False)(features)
            features = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(features))
        if features.shape[1] > 2:
            features = layers.MaxPooling2D()(features)
    features = layers.Flatten()(features)
    features = layers.Dense(FEATURES, activation="relu", name="features")(features)
    return keras.Model(pictures, {"logits": layers.Dense(classes, name="logits")(features)})


def _model(cache: Cache, shape: tuple[int, ...]) -> FeatureModel:
    network = _network(shape, int(cache.info["classes"]))
    network.set_weights(
        [cache.arrays[f"weight_{number}"].read(np.zeros(1))[0] for number in range(cache.info["weights"])]
    )
    both = keras.Model(
        network.inputs, [network.get_layer("features").output, network.get_layer("logits").output]
    )

    def look(pictures: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        features, logits = both(pictures, training=False)
        return features, tf.nn.softmax(logits)

    accuracy = float(cache.info["accuracy"])
    return FeatureModel(
        name=f"a classifier of the data set, {accuracy:.1%} accurate on held-out pictures",
        sha256=str(cache.info["sha256"]),
        resizer="pictures at the run's size",
        look=look,
    )


def _accuracy(network: keras.Model, pictures: Cache) -> float:
    images, labels = pictures.arrays["valid_images"], _labels(pictures, "valid")
    rows = some_rows(len(images), MOST)
    right = 0
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        logits = network(_unit(images.read(batch)), training=False)["logits"].numpy()
        right += int(np.sum(logits.argmax(axis=1) == labels[batch]))
    return right / len(rows)


def _labels(pictures: Cache, split: str) -> np.ndarray:
    labels = pictures.arrays[f"{split}_labels"]
    return labels.read(np.arange(len(labels))).astype(np.int32)


def _size(pictures: Cache) -> tuple[int, ...]:
    return pictures.arrays["train_images"].shape[1:]
