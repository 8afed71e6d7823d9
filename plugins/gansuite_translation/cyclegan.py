"""CycleGAN: two translators that undo each other, learned from two sides without pairs.

The published code judges a history of 50 earlier translations with the latest; here the discriminators see
the latest alone. A history is state that no step can be computed without: it would have to be in every
checkpoint, and would differ with the number of devices.

Source: Zhu et al. 2017, arXiv:1703.10593, eqs. 1 to 3, section 4 and section 5.2 (identity loss).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from gansuite.domain import Endpoint, Evaluation, Examples, Networks, Score, Split
from gansuite.export.pictures import in_bytes
from gansuite.game import Phase, Player, Terms, Turn
from gansuite.losses.adversarial import adversarial_loss
from gansuite.losses.pixels import l1
from gansuite.metrics.perceptual import PerceptualDistance
from gansuite_translation.config import CycleGAN, Direction
from gansuite_translation.domain import TranslationDomain
from gansuite_translation.examples import UnpairedExamples, held_out
from gansuite_translation.game import dropout_noises
from gansuite_translation.networks.patchgan import build_patchgan
from gansuite_translation.networks.resnet import LEAST, MULTIPLE, build_resnet
from gansuite_translation.networks.unet import build_unet
from gansuite_translation.scoring import distance_scores, distances, in_blocks, load_perceptual
from gansuite_translation.translating import translated

#: Each translator with the side it reads and the side it writes.
TRANSLATORS = {"a_to_b": ("a", "b"), "b_to_a": ("b", "a")}
ENDPOINTS = {"a_to_b": "translate", "b_to_a": "translate_back"}
BACK = {"a_to_b": "b_to_a", "b_to_a": "a_to_b"}


class CycleGANDomain(TranslationDomain):
    """Learns to translate in both directions from two sides."""

    config: CycleGAN
    averaged = tuple(TRANSLATORS)
    in_pairs = False
    panels = ("a", "a_to_b", "a_to_b_to_a", "b", "b_to_a", "b_to_a_to_b", "images")

    @property
    def directions(self) -> Mapping[Direction, str]:
        return {"A-to-B": ENDPOINTS["a_to_b"], "B-to-A": ENDPOINTS["b_to_a"]}

    @property
    def multiple(self) -> int:
        return self.config.data.size if self.config.generator.kind == "unet" else MULTIPLE

    @property
    def least(self) -> int:
        return self.config.data.size if self.config.generator.kind == "unet" else LEAST

    def examples(self, split: Split) -> Examples:
        """`a` and `b`, float32 (size, size, channels) in [-1, 1], that have nothing to do with each other."""
        return UnpairedExamples(self.cache, split, self.config.data)

    def networks(self) -> dict[str, keras.Model]:
        config, data = self.config, self.config.data
        networks = {}
        for name, (_, side) in TRANSLATORS.items():
            networks[name] = (
                build_unet(config.generator, data, name)
                if config.generator.kind == "unet"
                else build_resnet(config.generator.width, config.generator.blocks, data.channels, name)
            )
            judge = f"judge_{side}"
            networks[judge] = build_patchgan(config.discriminator, data.channels, judge)
        return networks

    def phases(self) -> Sequence[Phase]:
        return (cycle_phase(self.config),)

    def endpoints(self) -> dict[str, Endpoint]:
        """`translate` A to B, `translate_back` B to A, and `compare` both, there and back; in [0, 1]."""

        def go(networks: Networks, name: str, images: tf.Tensor) -> tf.Tensor:
            return translated(networks[name], images, self.multiple, least=self.least)

        def translate(networks: Networks, images: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"images": go(networks, "a_to_b", images)}

        def translate_back(networks: Networks, images: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"images": go(networks, "b_to_a", images)}

        def compare(networks: Networks, a: tf.Tensor, b: tf.Tensor) -> dict[str, tf.Tensor]:
            outputs = {"a": a, "b": b}
            for name, (source, _) in TRANSLATORS.items():
                outputs[name] = go(networks, name, outputs[source])
                outputs[f"{name}_to_{source}"] = go(networks, BACK[name], outputs[name])
            return outputs

        images = {"images": self.pictures_spec("images")}
        meanings = self.meanings
        sides = {side: self.pictures_spec(side) for side in ("a", "b")}
        ways = {
            "translate": Endpoint(function=translate, inputs=images, pixels=self.pixels, meanings=meanings),
            "translate_back": Endpoint(
                function=translate_back, inputs=images, pixels=self.pixels, meanings=meanings
            ),
        }
        channels = self.config.data.channels
        return {
            **ways,
            **{f"{name}_bytes": in_bytes(way, channels) for name, way in ways.items()},
            "compare": Endpoint(function=compare, inputs=sides, served=False),
        }

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        """How much going there and back changes a picture: without pairs nothing says where it should go.

        Each picture of a side counts once, however many the other has. A side of which nothing is held out
        has no figures: why is said in their place.

        Raises:
            DataError: nothing is held out of either side.
        """
        perceptual = load_perceptual(self.config.perceptual, self.config.data.size)
        counts = {side: len(self.cache.arrays[f"valid_{side}"]) for side in ("a", "b")}
        scores: list[Score] = []
        for name, (side, _) in TRANSLATORS.items():
            # Where nothing is held out at all, that is an error.
            if counts[side] or not any(counts.values()):
                scores += self._there_and_back(name, side, evaluation, perceptual)
            else:
                scores += self._undefined(side, perceptual)
        return scores

    def _there_and_back(
        self, name: str, side: str, evaluation: Evaluation, perceptual: PerceptualDistance | None
    ) -> list[Score]:
        way = _way(side)

        def measure(given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
            pictures = given
            for translator in (name, BACK[name]):
                pictures = evaluation.call(ENDPOINTS[translator], {"images": pictures["images"]})
            return distances(pictures["images"], given["images"], perceptual, way)

        examples = held_out(self.cache, side, self.config.data)
        figures = in_blocks(examples, evaluation, self.config.data.size, measure)
        count = len(figures[f"L1{way}"])
        of = f"of {count} pictures of {side.upper()} to themselves after going there and back"
        return distance_scores(figures, perceptual, of, way)

    def _undefined(self, side: str, perceptual: PerceptualDistance | None) -> list[Score]:
        letter, source = side.upper(), self.config.data.source
        how = f"hold some out, in a folder test{letter} or with data.valid_share, or give other --data"
        why = f"undefined: no pictures of {letter} are held out in {source}; {how}"
        names = ["L1", *(["perceptual distance"] if perceptual is not None else [])]
        return [
            Score(name=f"{name}{_way(side)}", value=math.nan, reference=None, meaning=why, better="lower")
            for name in names
        ]


def _way(side: str) -> str:
    return f", {side.upper()} there and back"


def cycle_phase(config: CycleGAN) -> Phase:
    """Return the game: a judge of each side, then both translators together."""
    rule = adversarial_loss(config.loss)

    def go(turn: Turn, name: str, pictures: tf.Tensor, way: str) -> tf.Tensor:
        noises = []
        if config.generator.kind == "unet":
            noises = dropout_noises(config.generator, config.data, turn.noise.scoped(f"{name}/{way}"))
        return turn.networks[name]([pictures, *noises], training=True)

    def judging(name: str) -> Player:
        source, side = TRANSLATORS[name]

        def loss(turn: Turn) -> Terms:
            fake = tf.stop_gradient(go(turn, name, turn.batch[source], "there"))
            both = tf.concat([turn.batch[side], fake], axis=0)
            logits = turn.networks[f"judge_{side}"](both, training=True)
            of_real, of_fake = tf.split(logits, 2)
            return {"real": rule.real(of_real), "fake": rule.fake(of_fake)}

        judge = f"judge_{side}"
        return Player(name=judge, trains=(judge,), loss=loss, optimizer=config.discriminator_optimizer)

    def translating(turn: Turn) -> Terms:
        terms = {}
        for name, (source, side) in TRANSLATORS.items():
            pictures = turn.batch[source]
            made = go(turn, name, pictures, "there")
            terms[f"adversarial_{side}"] = rule.generator(turn.networks[f"judge_{side}"](made, training=True))
            if config.cycle:
                terms[f"cycle_{source}"] = l1(go(turn, BACK[name], made, "back"), pictures)
            if config.identity:
                terms[f"identity_{side}"] = l1(go(turn, name, turn.batch[side], "identity"), turn.batch[side])
        return terms

    weights = {"adversarial": config.adversarial, "cycle": config.cycle, "identity": config.identity}
    translators = Player(
        name="translators",
        trains=tuple(TRANSLATORS),
        loss=translating,
        optimizer=config.generator_optimizer,
        weights={f"{term}_{side}": weight for term, weight in weights.items() for side in ("a", "b")},
    )
    return Phase(name="cycle", players=(judging("a_to_b"), judging("b_to_a"), translators))
