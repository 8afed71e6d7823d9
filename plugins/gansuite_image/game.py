"""How a generator and a discriminator play, whatever they make and judge."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from gansuite.errors import ConfigError
from gansuite.game import Phase, Player, Terms, Turn
from gansuite.losses.adversarial import adversarial_loss
from gansuite.losses.features import feature_matching
from gansuite.losses.penalties import gradient_penalty, r1_penalty
from gansuite_image.config import ImageGAN

EXAMPLES = "examples"
LABELS = "labels"


def adversarial_phase(config: ImageGAN, *, steps: int | None = None) -> Phase:
    """Return the game: first the discriminator moves, as often as it may, then the generator.

    Args:
        config: the settings.
        steps: how long it lasts; None for what other phases leave.
    """
    game = Game(config)
    discriminator = Player(
        name="discriminator",
        trains=("discriminator",),
        loss=game.discriminator,
        optimizer=config.discriminator_optimizer,
        rounds=config.rounds,
        weights={"penalty": 0.0 if config.penalty.kind == "none" else config.penalty.weight},
    )
    generator = Player(
        name="generator",
        trains=("generator",),
        loss=game.generator,
        optimizer=config.generator_optimizer,
        weights={"feature_matching": config.feature_matching},
    )
    return Phase(name="adversarial", players=(discriminator, generator), steps=steps)


class Game:
    """The losses of both players.

    Batches hold `examples`, float32, and `labels`, int32 (rows,), where the settings name classes: then a
    generated example has the label of the real one in its row.

    Args:
        config: the settings.
    """

    def __init__(self, config: ImageGAN) -> None:
        self._config = config
        self._loss = adversarial_loss(config.loss)
        if config.label_smoothing and self._loss.smoothed is None:
            raise ConfigError(f"the loss {config.loss} has no target to smooth", where="label_smoothing")

    def discriminator(self, turn: Turn) -> Terms:
        """Tell real examples from generated ones: terms `real`, `fake` and `penalty`."""
        network = turn.networks["discriminator"]
        real, fake = turn.batch[EXAMPLES], tf.stop_gradient(self._generated(turn))
        terms = {
            "real": self._real(network(self._shown(turn, real, "real"), training=True)),
            "fake": self._loss.fake(network(self._shown(turn, fake, "fake"), training=True)),
        }
        if self._config.penalty.kind != "none":
            terms["penalty"] = self._penalty(turn, real, fake)
        return terms

    def generator(self, turn: Turn) -> Terms:
        """Fool the discriminator: a term named after the loss, and `feature_matching`."""
        network = turn.networks["discriminator"]
        shown = self._shown(turn, self._generated(turn), "fake")
        name = self._config.loss.replace("-", "_")
        if not self._config.feature_matching:
            return {name: self._loss.generator(network(shown, training=True))}
        both = keras.Model(network.inputs, [network.output, network.get_layer("features").output])
        logits, features = both(_listed(shown), training=True)
        _, of_real = both(_listed(self._shown(turn, turn.batch[EXAMPLES], "real")), training=True)
        return {
            name: self._loss.generator(logits),
            "feature_matching": feature_matching([of_real], [features]),
        }

    def _generated(self, turn: Turn) -> tf.Tensor:
        latents = turn.noise.normal("latents", [self._config.latent])
        return turn.networks["generator"](self._with_labels(turn, latents), training=True)

    def _shown(self, turn: Turn, examples: tf.Tensor, name: str) -> Any:
        """What the discriminator sees of some examples."""
        if self._config.instance_noise:
            left = 1.0 - tf.cast(turn.step, examples.dtype) / float(self._config.noise_steps)
            deviation = self._config.instance_noise * tf.maximum(left, 0.0)
            examples += deviation * turn.noise.normal(f"instance_{name}", examples.shape[1:])
        return self._with_labels(turn, examples)

    def _with_labels(self, turn: Turn, inputs: tf.Tensor) -> Any:
        return [inputs, turn.batch[LABELS]] if self._config.data.classes else inputs

    def _real(self, logits: tf.Tensor) -> tf.Tensor:
        if not self._config.label_smoothing or self._loss.smoothed is None:
            return self._loss.real(logits)
        return self._loss.smoothed(logits, 1.0 - self._config.label_smoothing)

    def _penalty(self, turn: Turn, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        def judge(examples: tf.Tensor) -> tf.Tensor:
            return turn.networks["discriminator"](self._with_labels(turn, examples), training=True)

        if self._config.penalty.kind == "r1":
            return r1_penalty(judge, real)
        one_sided = self._config.penalty.kind == "one-sided"
        return gradient_penalty(judge, real, fake, turn.noise.uniform("mix"), one_sided=one_sided)


def _listed(shown: Any) -> list[tf.Tensor]:
    return shown if isinstance(shown, list) else [shown]
