"""How super-resolution is learned: first pixel by pixel, then against a discriminator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from gansuite.game import Phase, Player, Terms, Turn
from gansuite.losses import pixels
from gansuite.losses.adversarial import adversarial_loss
from gansuite.losses.perceptual import Look, feature_distance
from gansuite_superres.config import SRGAN

PIXEL_LOSSES: Mapping[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]] = {"l1": pixels.l1, "l2": pixels.l2}


def content_phase(config: SRGAN) -> Phase:
    """Return the first phase: the generator alone."""
    distance = PIXEL_LOSSES[config.content.loss]

    def content(turn: Turn) -> Terms:
        return {config.content.loss: distance(_enlarged(turn), turn.batch["high"])}

    player = Player(name="generator", trains=("generator",), loss=content, optimizer=config.content.optimizer)
    return Phase(name="content", players=(player,), steps=config.content.steps)


def adversarial_phase(config: SRGAN, look: Look | None) -> Phase:
    """Return the second phase: first the discriminator moves, then the generator.

    Args:
        config: the settings.
        look: what the trained network of `perceptual.model` sees; None where there is none.
    """
    settings, perceptual = config.adversarial, config.perceptual
    game = adversarial_loss(settings.loss)

    def discriminator(turn: Turn) -> Terms:
        judge = turn.networks["discriminator"]
        real, *_ = judge(turn.batch["high"], training=True)
        fake, *_ = judge(tf.stop_gradient(_enlarged(turn)), training=True)
        return {"real": game.real(real), "fake": game.fake(fake)}

    def generator(turn: Turn) -> Terms:
        high, made = turn.batch["high"], _enlarged(turn)
        logits, *stages = turn.networks["discriminator"](made, training=True)
        terms = {"adversarial": game.generator(logits)}
        if settings.pixels:
            terms[config.content.loss] = PIXEL_LOSSES[config.content.loss](made, high)
        if perceptual.weight and look is not None:
            terms["perceptual"] = feature_distance(look(high), look(made))
        elif perceptual.weight and perceptual.model == "discriminator":
            _, *real_stages = turn.networks["discriminator"](high, training=True)
            terms["perceptual"] = feature_distance(real_stages, stages)
        return terms

    return Phase(
        name="adversarial",
        players=(
            Player(
                name="discriminator",
                trains=("discriminator",),
                loss=discriminator,
                optimizer=settings.discriminator_optimizer,
            ),
            Player(
                name="generator",
                trains=("generator",),
                loss=generator,
                optimizer=settings.generator_optimizer,
                weights={
                    "adversarial": settings.weight,
                    config.content.loss: settings.pixels,
                    "perceptual": 0.0 if perceptual.model == "none" else perceptual.weight,
                },
            ),
        ),
    )


def _enlarged(turn: Turn) -> Any:
    return turn.networks["generator"](turn.batch["low"], training=True)
