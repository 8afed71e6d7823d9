"""Super-resolution as a domain: small pictures come in and large ones come out."""

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
from gansuite.data.images.ranges import meaning, to_people
from gansuite.domain import Arrays, Domain, Endpoint, Evaluation, Networks, Preview, Score, Split
from gansuite.export.pictures import in_bytes
from gansuite.game import Phase
from gansuite.losses.perceptual import Look, looking
from gansuite.models.saved import load_network
from gansuite.models.vgg19 import load_vgg19
from gansuite_superres.config import SRGAN
from gansuite_superres.crops import crops, whole
from gansuite_superres.game import adversarial_phase, content_phase
from gansuite_superres.networks.discriminator import build_discriminator
from gansuite_superres.networks.enlarging import Bicubic
from gansuite_superres.networks.generator import build_generator, reach
from gansuite_superres.pictures import draw
from gansuite_superres.scoring import likeness_scores
from gansuite_superres.tiles import prepare_tiles

PREVIEWED = 4
#: How many skipped files a run's description names; the cache's index has them all.
NAMED = 50


class SuperResolution(Domain):
    """Learns from photographs what small pictures lack."""

    config: SRGAN
    averaged = ("generator",)

    @property
    def scale(self) -> int:
        """How many times higher and wider pictures become."""
        return self.config.data.scale

    @property
    def reach(self) -> int:
        """How far around a pixel of a small picture decides what becomes of it, in pixels."""
        return reach(self.config.generator, self.scale)

    @cached_property
    def cache(self) -> Cache:
        """The prepared tiles of the data source."""
        return prepare_tiles(locate(self.config.data.source), self.config.data)

    @cached_property
    def look(self) -> Look | None:
        """What the trained network of the settings sees; None where they ask for none.

        It is no network of the domain, so that no checkpoint holds it and a trained run does without it.
        """
        settings = self.config.perceptual
        if not settings.weight or settings.model in ("none", "discriminator"):
            return None
        if settings.model == "vgg19":
            return looking(load_vgg19(settings.file), settings.layers, "caffe", settings.scale)
        assert settings.file is not None  # noqa: S101  the settings make sure of it
        return looking(load_network(settings.file), settings.layers, settings.preprocessing, settings.scale)

    def examples(self, split: Split) -> CachedExamples:
        """`high` and `low`, float32 (side, side, 3) in [-1, 1]: random crops to learn from, or tiles."""
        arrays = {kind: self.cache.arrays[f"{split}_{kind}"] for kind in ("high", "low")}
        decode = partial(crops, data=self.config.data) if split == "train" else whole
        what = f"photographs in the {split} part of {self.config.data.source}"
        hint = "Set data.valid_share (0 holds none out), or add photographs."
        return CachedExamples(arrays, decode, what=what, hint=hint)

    def networks(self) -> dict[str, keras.Model]:
        config = self.config
        return {
            "generator": build_generator(config.generator, config.data.scale),
            "discriminator": build_discriminator(config.discriminator, config.data.crop),
        }

    def phases(self) -> Sequence[Phase]:
        return (content_phase(self.config), adversarial_phase(self.config, self.look))

    def endpoints(self) -> dict[str, Endpoint]:
        """`upscale` and `compare`.

        `upscale` makes `images`, (batch, scale · h, scale · w, 3), of small `images`, (batch, h, w, 3): both
        float32 in [0, 1], of any size. `compare` gives for small and large pictures, `low` and `high`, what
        was given, `bicubic` enlargements and what was made.
        """
        enlarged = Bicubic(self.scale)

        def upscale(networks: Networks, images: tf.Tensor) -> dict[str, tf.Tensor]:
            made = networks["generator"](images * 2.0 - 1.0, training=False)
            return {"images": tf.clip_by_value(to_people(made), 0.0, 1.0)}

        def compare(networks: Networks, low: tf.Tensor, high: tf.Tensor) -> dict[str, tf.Tensor]:
            bicubic = tf.clip_by_value(enlarged(low), 0.0, 1.0)
            return {"low": low, "bicubic": bicubic, **upscale(networks, low), "high": high}

        def pixels(images: tf.Tensor) -> tf.Tensor:
            return tf.reduce_prod(tf.shape(images, tf.int64)[:3]) * self.scale**2

        pictures = tf.TensorSpec([None, None, None, 3], tf.float32)
        whole = Endpoint(
            function=upscale, inputs={"images": pictures}, pixels=pixels, meanings={"images": meaning(3)}
        )
        return {
            "upscale": whole,
            "upscale_bytes": in_bytes(whole, scale=self.scale),
            "compare": Endpoint(function=compare, inputs={"low": pictures, "high": pictures}, served=False),
        }

    def preview(self) -> Preview:
        """Compare the first held-out tiles, or the first tiles where none is held out."""
        split = "valid" if len(self.cache.arrays["valid_low"]) else "train"
        arrays = {kind: self.cache.arrays[f"{split}_{kind}"] for kind in ("low", "high")}
        size = len(arrays["low"])
        chosen = np.unique(np.linspace(0, size - 1, min(PREVIEWED, size)).round().astype(np.int64))
        inputs = {kind: array.read(chosen).astype(np.float32) / 255.0 for kind, array in arrays.items()}
        return Preview(endpoint="compare", inputs=inputs, names=[f"tile-{number}" for number in chosen])

    def render(self, outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
        return draw(outputs, folder, names)

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        return likeness_scores(evaluation, self.config.data, self.reach)

    def describe(self) -> Mapping[str, Any]:
        info = dict(self.cache.info)
        skipped = info["skipped"]
        return {"photographs": {**info, "skipped": skipped[:NAMED], "skipped_count": len(skipped)}}
