"""Anomaly detection as domains: image GANs of what is normal, and what of a picture they cannot make."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gansuite.data.images.ranges import meaning, to_people
from gansuite.domain import Arrays, Endpoint, Evaluation, Networks, Preview, Score, Split
from gansuite.game import Phase
from gansuite_anomaly.comparing import looking, residual_map, squared
from gansuite_anomaly.config import AnoGAN, FAnoGAN
from gansuite_anomaly.drawing import draw
from gansuite_anomaly.encoder import build_encoder
from gansuite_anomaly.game import encoder_phase
from gansuite_anomaly.material import Material
from gansuite_anomaly.normality import ChosenExamples
from gansuite_anomaly.scoring import OfNormal, anomaly_scores
from gansuite_anomaly.searching import LatentSearch
from gansuite_image.domain import ImageDomain
from gansuite_image.game import adversarial_phase

#: Of the pictures drawn during training, how many of each kind.
PREVIEWED_EACH = 8
#: Of held-out normal pictures, to compare generated ones with.
FEWEST = 2


class AnomalyDomain(ImageDomain):
    """Learns normal pictures, and scores others by how far they are from all that it can make."""

    config: AnoGAN | FAnoGAN

    def __init__(self, config: AnoGAN | FAnoGAN) -> None:
        super().__init__(config)
        self.pictures = Material(config)

    @abstractmethod
    def assess(
        self, networks: Networks, pictures: tf.Tensor, *, preview: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Make the most similar picture.

        Args:
            networks: of this domain.
            pictures: float32 (batch, size, size, channels) in [-1, 1].
            preview: for a look on the way: with less effort, where there is a choice.

        Returns:
            The score, float32 (batch,), higher for what is less normal, and the picture made, like the one
            given.
        """

    @property
    @abstractmethod
    def scored_by(self) -> Mapping[str, Any]:
        """What a score depends on beside the networks, in a form JSON can hold."""

    def examples(self, split: Split) -> ChosenExamples:  # type: ignore[override]  # Examples both
        """Normal pictures to learn from; of the held-out part all, with `anomalous`, int32 0 or 1."""
        return self.pictures.normal("train") if split == "train" else self.pictures.mixed("valid")

    def endpoints(self) -> dict[str, Endpoint]:
        """`score`, `compare`, and what an image GAN can do.

        `score` gives for `images`, float32 (batch, size, size, channels) in [0, 1]: `score`, (batch,);
        `map`, (batch, size, size), how far each pixel is from the `reconstruction`, like the images.
        `compare`, for a look during training, adds the `images` and a sample of each `seed`.
        """

        def score(networks: Networks, images: tf.Tensor, preview: bool = False) -> dict[str, tf.Tensor]:
            scores, made = self.assess(networks, images * 2.0 - 1.0, preview=preview)
            shown = to_people(made)
            return {"score": scores, "map": residual_map(images, shown), "reconstruction": shown}

        def compare(networks: Networks, images: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
            sampled = inherited["sample"].function(networks, seed=seed)["images"]
            return {"images": images, **score(networks, images, preview=True), "sample": sampled}

        inherited = super().endpoints()
        images = tf.TensorSpec([None, *self.config.data.shape], tf.float32)
        seed = tf.TensorSpec([None], tf.int64)
        picture = meaning(self.config.data.channels)
        meanings = {
            "images": picture,
            "score": "how unlike what was learned from: higher is stranger",
            "map": "how far each pixel is from the reconstruction, 0 to 1: batch, height, width",
            "reconstruction": picture,
        }
        return {
            "score": Endpoint(function=score, inputs={"images": images}, meanings=meanings),
            "compare": Endpoint(function=compare, inputs={"images": images, "seed": seed}, served=False),
            **inherited,
        }

    def preview(self) -> Preview:
        pixels, names = self.pictures.shown(PREVIEWED_EACH)
        inputs = {"images": pixels.astype(np.float32) / 255.0, "seed": np.arange(len(pixels))}
        return Preview(endpoint="compare", inputs=inputs, names=names)

    def render(self, outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
        return draw(outputs, folder, names) if "map" in outputs else super().render(outputs, folder, names)

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        """How well pictures are told apart, and how good generated ones are beside held-out normal ones."""
        found = anomaly_scores(evaluation)
        if len(self.pictures.normality("valid").normal) < FEWEST:
            return found
        return (*found, *super().scores(OfNormal(whole=evaluation, normal=self.pictures.normal)))

    def describe(self) -> Mapping[str, Any]:
        return self.pictures.describe()


class AnoGANDomain(AnomalyDomain):
    """Looks for the latents of the most similar picture."""

    config: AnoGAN

    def assess(
        self, networks: Networks, pictures: tf.Tensor, *, preview: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        settings = self.config.search
        search = LatentSearch(networks, settings, self.config.latent)
        latents, scores = search.find(pictures, settings.preview_steps if preview else settings.steps)
        return scores, search.make(latents)

    @property
    def scored_by(self) -> Mapping[str, Any]:
        return asdict(self.config.search)


class FAnoGANDomain(AnomalyDomain):
    """Asks an encoder for the latents of the most similar picture."""

    config: FAnoGAN

    def networks(self) -> dict[str, keras.Model]:
        return {**super().networks(), "encoder": build_encoder(self.config)}

    def phases(self) -> Sequence[Phase]:
        game = adversarial_phase(self.config, steps=self.config.adversarial_steps)
        return (game, encoder_phase(self.config))

    def endpoints(self) -> dict[str, Endpoint]:
        """`encode` too: the `latents`, float32 (batch, latent), of `images` in [0, 1]."""

        def encode(networks: Networks, images: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"latents": networks["encoder"](images * 2.0 - 1.0, training=False)}

        images = tf.TensorSpec([None, *self.config.data.shape], tf.float32)
        meanings = {"images": meaning(self.config.data.channels), "latents": "as `generate` takes them"}
        encoding = Endpoint(function=encode, inputs={"images": images}, meanings=meanings)
        return {**super().endpoints(), "encode": encoding}

    def assess(
        self, networks: Networks, pictures: tf.Tensor, *, preview: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Score by squared differences of pixels and κ times those of features.

        Source: Schlegl et al. 2019, doi:10.1016/j.media.2019.01.010, eq. 5.
        """
        look = looking(networks)
        made = networks["generator"](networks["encoder"](pictures, training=False), training=False)
        features = squared(look(pictures), look(made))
        return squared(pictures, made) + self.config.weight * features, made

    @property
    def scored_by(self) -> Mapping[str, Any]:
        return {}
