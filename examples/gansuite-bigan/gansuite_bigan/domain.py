"""BiGAN's answers to what gansuite asks: its data, its networks, their game, and what a trained run can do.

Source: Donahue et al. 2017, arXiv:1605.09782; Dumoulin et al. 2017, arXiv:1606.00704.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from gansuite.data.cache import Cache
from gansuite.data.cards import locate
from gansuite.data.examples import CachedExamples
from gansuite.data.images.drawing import render
from gansuite.data.images.form import Form
from gansuite.data.images.preparing import prepare_images
from gansuite.data.images.ranges import to_network, to_people
from gansuite.domain import Arrays, Domain, Endpoint, Evaluation, Preview, Score, Split
from gansuite.game import Networks, Phase, Player, Terms, Turn
from gansuite.losses.adversarial import discriminator_fake, discriminator_real
from gansuite.losses.pixels import l1
from gansuite.noise import normal_for_seeds
from gansuite_bigan import networks
from gansuite_bigan.config import Settings

PREVIEWED = 32
MOST = 2000


class BiGAN(Domain):
    """Learns by one game to make pictures of latents, and to find the latents of pictures."""

    averaged = ("generator", "encoder")
    config: Settings

    @property
    def form(self) -> Form:
        """How pictures reach the networks."""
        return Form(size=self.config.data.size, channels=self.config.data.channels)

    @cached_property
    def pictures(self) -> Cache:
        """The pictures, prepared."""
        data = self.config.data
        return prepare_images(locate(data.source), self.form, valid_share=data.valid_share)

    def examples(self, split: Split) -> CachedExamples:
        """Pictures, float32 (size, size, channels) in [-1, 1]."""
        pictures = {"pictures": self.pictures.arrays[f"{split}_images"]}
        return CachedExamples(
            pictures, lambda rows, noise: to_network(rows["pictures"]), what=f"{split} pictures"
        )

    def networks(self) -> dict[str, keras.Model]:
        builders = (networks.generator, networks.encoder, networks.discriminator)
        return {build.__name__: build(self.config) for build in builders}

    def phases(self) -> Sequence[Phase]:
        adam, weights = self.config.optimizer, {"cycle": self.config.cycle}
        judge = Player(name="discriminator", trains=("discriminator",), loss=self.tell_apart, optimizer=adam)
        makers = Player(
            name="makers", trains=("generator", "encoder"), loss=self.mix_up, optimizer=adam, weights=weights
        )
        return (Phase(name="adversarial", players=(judge, makers)),)

    def tell_apart(self, turn: Turn) -> Terms:
        """Tell pictures with their codes from latents with what is made of them (Donahue et al., eq. 3)."""
        encoded, generated = self.judged(turn)
        return {"encoded": discriminator_real(encoded), "generated": discriminator_fake(generated)}

    def mix_up(self, turn: Turn) -> Terms:
        """Make either kind of pair look like the other: what they call the inverse objective."""
        encoded, generated = self.judged(turn)
        terms = {"encoded": discriminator_fake(encoded), "generated": discriminator_real(generated)}
        if self.config.cycle:
            codes = turn.networks["encoder"](turn.batch, training=True)
            terms["cycle"] = l1(turn.networks["generator"](codes, training=True), turn.batch)
        return terms

    def judged(self, turn: Turn) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the discriminator's logits for the encoder's pairs and the generator's."""
        latents = turn.noise.normal("latents", [self.config.latent])
        codes = turn.networks["encoder"](turn.batch, training=True)
        made = turn.networks["generator"](latents, training=True)
        judge = turn.networks["discriminator"]
        return judge([turn.batch, codes], training=True), judge([made, latents], training=True)

    def endpoints(self) -> dict[str, Endpoint]:
        """Pictures are float32 in [0, 1]; `compare` lays each beside its reconstruction."""

        def generate(networks: Networks, latents: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"images": to_people(networks["generator"](latents, training=False))}

        def sample(networks: Networks, seed: tf.Tensor) -> dict[str, tf.Tensor]:
            return generate(networks, normal_for_seeds(seed, "latents", [self.config.latent]))

        def encode(networks: Networks, images: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"latents": networks["encoder"](images * 2.0 - 1.0, training=False)}

        def reconstruct(networks: Networks, images: tf.Tensor) -> dict[str, tf.Tensor]:
            return generate(networks, **encode(networks, images))

        def compare(networks: Networks, images: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"images": tf.concat([images, reconstruct(networks, images)["images"]], axis=2)}

        seed = {"seed": tf.TensorSpec([None], tf.int64)}
        latents = {"latents": tf.TensorSpec([None, self.config.latent], tf.float32)}
        images = {"images": tf.TensorSpec([None, *self.config.data.shape], tf.float32)}
        means = {"images": "pictures, 0 to 1", "latents": "codes, about N(0, 1)"}
        return {
            "sample": Endpoint(function=sample, inputs=seed, meanings=means),
            "generate": Endpoint(function=generate, inputs=latents, meanings=means),
            "encode": Endpoint(function=encode, inputs=images, meanings=means),
            "reconstruct": Endpoint(function=reconstruct, inputs=images, meanings=means),
            "compare": Endpoint(function=compare, inputs=images, served=False),
        }

    def preview(self) -> Preview:
        pictures = self.pictures.arrays["train_images"]
        pixels = pictures.read(np.arange(min(PREVIEWED, len(pictures))))
        names = [f"picture-{number}" for number in range(len(pixels))]
        return Preview(endpoint="compare", inputs={"images": (pixels / 255).astype(np.float32)}, names=names)

    def render(self, outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
        return render(outputs["images"], folder, names)

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        """What is lost from pictures to latents and back, and from latents to pictures and back."""
        ask, random = evaluation.call, np.random.default_rng(evaluation.seed)
        known, held_out = ((evaluation.load(split, MOST) + 1.0) / 2.0 for split in ("train", "valid"))
        lost = np.square(ask("reconstruct", {"images": held_out})["images"] - held_out)
        copied = [np.square(known - one).mean(axis=(1, 2, 3)).min() for one in held_out]
        drawn = random.standard_normal((evaluation.count, self.config.latent), np.float32)
        missed = np.square(ask("encode", ask("generate", {"latents": drawn}))["latents"] - drawn)
        pixels = f"mean square over {len(held_out)} held-out pictures; reference: of the nearest known"
        numbers = f"mean square over {len(drawn)} latents of variance 1, looked for in what is made of them"
        pixel, latent = float(lost.mean()), float(missed.mean())
        return [
            Score(
                name="pixel error",
                value=pixel,
                reference=float(np.mean(copied)),
                meaning=pixels,
                better="lower",
            ),
            Score(name="latent error", value=latent, reference=None, meaning=numbers, better="lower"),
        ]
