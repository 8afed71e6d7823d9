"""Images as a domain: whatever the networks and the game, pictures come in and pictures come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gansuite.data.cache import Cache
from gansuite.data.cards import locate
from gansuite.data.examples import CachedExamples
from gansuite.data.images.drawing import render
from gansuite.data.images.form import Form
from gansuite.data.images.preparing import prepare_images
from gansuite.data.images.ranges import to_people
from gansuite.domain import Arrays, Domain, Endpoint, Evaluation, Networks, Preview, Score, Split
from gansuite.game import Phase
from gansuite.noise import normal_for_seeds
from gansuite_image.config import DCGAN
from gansuite_image.game import adversarial_phase
from gansuite_image.networks.dcgan import build_discriminator, build_generator
from gansuite_image.pictures import decode
from gansuite_image.scoring import image_scores

PREVIEWED = 64
#: How many skipped files a run's description names; the cache's index has them all.
NAMED = 50


class ImageDomain(Domain):
    """Learns pictures and makes its own from noise."""

    config: DCGAN
    averaged = ("generator",)

    @cached_property
    def cache(self) -> Cache:
        """The prepared pictures of the data source."""
        data = self.config.data
        form = Form(size=data.size, channels=data.channels, fit=data.fit)
        return prepare_images(locate(data.source), form, valid_share=data.valid_share)

    def examples(self, split: Split) -> CachedExamples:
        """`images`, float32 (size, size, channels) in [-1, 1], and `labels`, int32, where there are any."""
        arrays = {
            kind: self.cache.arrays[f"{split}_{kind}"]
            for kind in ("images", "labels")
            if f"{split}_{kind}" in self.cache.arrays
        }
        flip = self.config.data.flip and split == "train"
        what = f"pictures in the {split} part of {self.config.data.source}"
        hint = "Hold some out when training, with data.valid_share, or compare with other --data."
        return CachedExamples(arrays, partial(decode, flip=flip), what=what, hint=hint)

    def networks(self) -> dict[str, keras.Model]:
        config = self.config
        return {
            "generator": build_generator(config.generator, config.data, config.latent),
            "discriminator": build_discriminator(config.discriminator, config.data),
        }

    def phases(self) -> Sequence[Phase]:
        return (adversarial_phase(self.config),)

    def endpoints(self) -> dict[str, Endpoint]:
        """`generate` from latents and `sample` from seeds: `images`, float32 in [0, 1]."""

        def generate(networks: Networks, latents: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"images": to_people(networks["generator"](latents, training=False))}

        def sample(networks: Networks, seed: tf.Tensor) -> dict[str, tf.Tensor]:
            return generate(networks, normal_for_seeds(seed, "latents", [self.config.latent]))

        latents = tf.TensorSpec([None, self.config.latent], tf.float32, name="latents")
        return {
            "generate": Endpoint(function=generate, inputs={"latents": latents}),
            "sample": Endpoint(
                function=sample, inputs={"seed": tf.TensorSpec([None], tf.int64, name="seed")}
            ),
        }

    def preview(self) -> Preview:
        seeds = np.arange(PREVIEWED)
        return Preview(endpoint="sample", inputs={"seed": seeds}, names=[f"seed-{seed}" for seed in seeds])

    def render(self, outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
        return render(outputs["images"], folder, names)

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        return image_scores(evaluation)

    def describe(self) -> Mapping[str, Any]:
        info = dict(self.cache.info)
        skipped = info["skipped"]
        return {"images": {**info, "skipped": skipped[:NAMED], "skipped_count": len(skipped)}}
