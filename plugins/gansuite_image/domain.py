"""Image GANs as one domain: whatever the networks and the game, noise goes in and examples come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gansuite.data.examples import CachedExamples
from gansuite.domain import Arrays, Domain, Endpoint, Evaluation, Networks, Preview, Score, Split
from gansuite.export.guarding import require
from gansuite.game import Phase
from gansuite.noise import integers_for_seeds, normal_for_seeds
from gansuite_image.config import ImageGAN, check_groups
from gansuite_image.game import adversarial_phase
from gansuite_image.material import material
from gansuite_image.networks.discriminator import build_discriminator
from gansuite_image.networks.generator import build_generator

PREVIEWED = 64
#: Points say something in numbers only.
PREVIEWED_POINTS = 2048
#: Up to so many classes each gets a column of the grid.
MOST_COLUMNS = 12


class ImageDomain(Domain):
    """Learns pictures, or points, and makes its own from noise."""

    config: ImageGAN
    averaged = ("generator",)

    def __init__(self, config: ImageGAN) -> None:
        super().__init__(config)
        self.material = material(config)

    def examples(self, split: Split) -> CachedExamples:
        """`examples`, float32, and `labels`, int32, where the settings name classes."""
        return self.material.examples(split)

    def networks(self) -> dict[str, keras.Model]:
        return {
            "generator": build_generator(self.config),
            "discriminator": build_discriminator(self.config),
        }

    def phases(self) -> Sequence[Phase]:
        check_groups(self.config, devices=tf.distribute.get_strategy().num_replicas_in_sync)
        return (adversarial_phase(self.config),)

    def endpoints(self) -> dict[str, Endpoint]:
        """`generate` from latents and `sample` from seeds: `images`, float32 in [0, 1], or `points`.

        Both take `labels`, int32, where the settings name classes; a negative label of `sample` is drawn from
        the seed. A label of no class is an `InvalidArgumentError`.
        """
        config, classes = self.config, self.config.data.classes

        def generate(networks: Networks, latents: tf.Tensor, **labels: tf.Tensor) -> dict[str, tf.Tensor]:
            inputs = [latents, _of_classes(labels["labels"], classes)] if classes else latents
            return {self.material.name: self.material.shown(networks["generator"](inputs, training=False))}

        def sample(networks: Networks, seed: tf.Tensor, **labels: tf.Tensor) -> dict[str, tf.Tensor]:
            latents = normal_for_seeds(seed, "latents", [config.latent])
            if not classes:
                return generate(networks, latents)
            drawn = integers_for_seeds(seed, "label", below=classes)
            chosen = tf.where(labels["labels"] < 0, drawn, labels["labels"])
            return generate(networks, latents, labels=chosen)

        latents = tf.TensorSpec([None, config.latent], tf.float32, name="latents")
        seed = tf.TensorSpec([None], tf.int64, name="seed")
        more = {"labels": tf.TensorSpec([None], tf.int32, name="labels")} if classes else {}
        made = {self.material.name: self.material.meaning}
        return {
            "generate": Endpoint(
                function=generate,
                inputs={"latents": latents, **more},
                example=self._examples("latents"),
                meanings={"latents": "normally distributed noise", "labels": "numbers of classes", **made},
            ),
            "sample": Endpoint(
                function=sample,
                inputs={"seed": seed, **more},
                example=self._examples("seed"),
                meanings=made,
            ),
        }

    def _examples(self, key: str) -> Callable[[int], Arrays] | None:
        """Return what makes inputs with a class for each row; any numbers will do where there are none."""
        latent, classes = self.config.latent, self.config.data.classes

        def example(rows: int) -> Arrays:
            latents = np.random.default_rng(0).random((rows, latent), np.float32)
            first = latents if key == "latents" else np.arange(rows)
            return {key: first, "labels": np.arange(rows, dtype=np.int32) % classes}

        return example if classes else None

    def preview(self) -> Preview:
        classes = self.config.data.classes
        count = PREVIEWED_POINTS if self.config.data.kind == "points" else PREVIEWED
        if not classes:
            seeds = np.arange(count)
            return Preview(endpoint="sample", inputs={"seed": seeds}, names=[f"seed-{one}" for one in seeds])
        if classes <= MOST_COLUMNS:
            count = classes**2
        labels, seeds = np.arange(count, dtype=np.int32) % classes, np.arange(count)
        names = [f"label-{label}-seed-{seed}" for label, seed in zip(labels, seeds, strict=True)]
        return Preview(endpoint="sample", inputs={"seed": seeds, "labels": labels}, names=names)

    def render(self, outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
        return self.material.render(outputs[self.material.name], folder, names)

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        return self.material.scores(evaluation)

    def classes(self) -> int:
        return self.config.data.classes

    def describe(self) -> Mapping[str, Any]:
        return self.material.describe()


def _of_classes(labels: tf.Tensor, classes: int) -> tf.Tensor:
    """Return labels that are all of a class: of others a network would see none, and answer all the same."""
    known = tf.reduce_all((labels >= 0) & (labels < classes))
    with tf.control_dependencies([require(known, f"labels go from 0 to {classes - 1}, not", labels)]):
        return tf.identity(labels)
