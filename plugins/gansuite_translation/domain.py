"""Translation as a domain, and Pix2Pix."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from gansuite.data.cache import Cache
from gansuite.data.cards import locate
from gansuite.data.images.ranges import meaning, to_people
from gansuite.domain import Arrays, Domain, Endpoint, Evaluation, Examples, Networks, Preview, Score, Split
from gansuite.export.pictures import in_bytes
from gansuite.game import Phase
from gansuite.noise import Noise
from gansuite_translation.config import CycleGAN, Direction, Pix2Pix
from gansuite_translation.examples import paired
from gansuite_translation.game import translation_phase
from gansuite_translation.networks.patchgan import build_patchgan
from gansuite_translation.networks.unet import build_unet
from gansuite_translation.pictures import render_panels
from gansuite_translation.preparing import prepare_sides
from gansuite_translation.scoring import in_blocks, load_perceptual, pair_figures, scores_of_pairs
from gansuite_translation.translating import pixels_seen, translated

PREVIEWED = 8
#: How many skipped files a run's description names; the cache's index has them all.
NAMED = 50


class TranslationDomain(Domain):
    """What translations have in common, with pairs or without."""

    config: Pix2Pix | CycleGAN
    #: Whether examples are pairs.
    in_pairs: ClassVar[bool]
    #: What an endpoint may give, in the order it is drawn, from left to right.
    panels: ClassVar[Sequence[str]]

    @cached_property
    def cache(self) -> Cache:
        """The prepared pictures of both sides."""
        return prepare_sides(locate(self.config.data.source), self.config.data, paired=self.in_pairs)

    @property
    @abstractmethod
    def directions(self) -> Mapping[Direction, str]:
        """The endpoint for each direction that a run can translate in."""

    @property
    @abstractmethod
    def multiple(self) -> int:
        """Of which the generators need height and width to be multiples."""

    @property
    def least(self) -> int:
        """Height and width that the generators need at least, such a multiple."""
        return self.multiple

    def pixels(self, images: tf.Tensor, **_: tf.Tensor) -> tf.Tensor:
        """Return how many pixels a generator works on to translate pictures; see `Endpoint.pixels`."""
        return pixels_seen(images, self.multiple, self.least)

    @property
    def meanings(self) -> dict[str, str]:
        """What the numbers of `images` are."""
        return {"images": meaning(self.config.data.channels)}

    def pictures_spec(self, name: str) -> tf.TensorSpec:
        """What endpoints take: float32 (batch, height, width, channels) in [0, 1], of any size."""
        return tf.TensorSpec([None, None, None, self.config.data.channels], tf.float32, name=name)

    def previewed(self) -> dict[str, np.ndarray]:
        """Return the first held-out examples, or those to learn from where a side has none, in [0, 1]."""
        held_out = all(len(self.cache.arrays[f"valid_{side}"]) for side in ("a", "b"))
        examples: Examples = self.examples("valid" if held_out else "train")
        count = min(PREVIEWED, examples.size)
        batch = examples.load(tf.range(count, dtype=tf.int64), Noise(seed=0, rows=count, scope="preview"))
        return {name: to_people(pictures).numpy() for name, pictures in batch.items()}

    def preview(self) -> Preview:
        # What evaluation needs is looked for before training, not after it.
        load_perceptual(self.config.perceptual, self.config.data.size)
        inputs = self.previewed()
        names = [f"picture-{number}" for number in range(len(next(iter(inputs.values()))))]
        return Preview(endpoint="compare", inputs=inputs, names=names)

    def render(self, outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
        return render_panels(outputs, self.panels, folder, names)

    def describe(self) -> Mapping[str, Any]:
        info = dict(self.cache.info)
        skipped = info["skipped"]
        return {"pictures": {**info, "skipped": skipped[:NAMED], "skipped_count": len(skipped)}}


class Pix2PixDomain(TranslationDomain):
    """Learns to translate from pairs."""

    config: Pix2Pix
    averaged = ("generator",)
    in_pairs = True
    panels = ("inputs", "images", "targets")

    @property
    def directions(self) -> Mapping[Direction, str]:
        return {self.config.data.direction: "translate"}

    @property
    def multiple(self) -> int:
        return self.config.data.size

    def examples(self, split: Split) -> Examples:
        """`inputs` and `targets`, float32 (size, size, channels) in [-1, 1]."""
        return paired(self.cache, split, self.config.data)

    def networks(self) -> dict[str, keras.Model]:
        """A generator and, where it plays, a discriminator of inputs and partners beside each other."""
        config = self.config
        networks = {"generator": build_unet(config.generator, config.data)}
        if config.adversarial:
            networks["discriminator"] = build_patchgan(config.discriminator, 2 * config.data.channels)
        return networks

    def phases(self) -> Sequence[Phase]:
        return (translation_phase(self.config),)

    def endpoints(self) -> dict[str, Endpoint]:
        """`translate` pictures of any size; `vary` them; `compare` translations with partners.

        All in [0, 1]. `translate` leaves dropout off: it is there to make training harder, and what it adds
        to a finished translation is noise more than variety (Isola et al. 2017, section 3.2). `vary`
        translates with dropout as in training, where there is some, each row from a seed of its own.
        """

        def translate(networks: Networks, images: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"images": translated(networks["generator"], images, self.multiple)}

        def vary(networks: Networks, images: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"images": translated(networks["generator"], images, self.multiple, seed)}

        def compare(networks: Networks, inputs: tf.Tensor, targets: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"inputs": inputs, **translate(networks, inputs), "targets": targets}

        images = self.pictures_spec("images")
        seed = tf.TensorSpec([None], tf.int64, name="seed")
        sides = {name: self.pictures_spec(name) for name in ("inputs", "targets")}
        pixels, meanings = self.pixels, self.meanings
        whole = Endpoint(function=translate, inputs={"images": images}, pixels=pixels, meanings=meanings)
        varied = Endpoint(
            function=vary, inputs={"images": images, "seed": seed}, pixels=pixels, meanings=meanings
        )
        return {
            "translate": whole,
            "translate_bytes": in_bytes(whole, self.config.data.channels),
            **({"vary": varied} if self.config.generator.dropout else {}),
            "compare": Endpoint(function=compare, inputs=sides, served=False),
        }

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        perceptual = load_perceptual(self.config.perceptual, self.config.data.size)

        def measure(pairs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
            made = evaluation.call("translate", {"images": pairs["inputs"]})["images"]
            return pair_figures(made, pairs["targets"], perceptual)

        figures = in_blocks(evaluation.examples("valid"), evaluation, self.config.data.size, measure)
        return scores_of_pairs(figures, perceptual)
