"""How a generator and a discriminator of pictures play."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from gansuite.game import Phase, Player, Terms, Turn
from gansuite.losses import adversarial
from gansuite_image.config import DCGAN

GENERATOR_LOSSES: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "non-saturating": adversarial.non_saturating,
    "minimax": adversarial.minimax,
}


def adversarial_phase(config: DCGAN) -> Phase:
    """Return the game: first the discriminator moves, then the generator."""

    def generated(turn: Turn) -> tf.Tensor:
        return turn.networks["generator"](turn.noise.normal("latents", [config.latent]), training=True)

    def discriminator(turn: Turn) -> Terms:
        judge = turn.networks["discriminator"]
        return {
            "real": adversarial.discriminator_real(judge(turn.batch["images"], training=True)),
            "fake": adversarial.discriminator_fake(judge(tf.stop_gradient(generated(turn)), training=True)),
        }

    def generator(turn: Turn) -> Terms:
        logits = turn.networks["discriminator"](generated(turn), training=True)
        return {config.loss.replace("-", "_"): GENERATOR_LOSSES[config.loss](logits)}

    return Phase(
        name="adversarial",
        players=(
            Player(
                name="discriminator",
                trains=("discriminator",),
                loss=discriminator,
                optimizer=config.discriminator_optimizer,
            ),
            Player(
                name="generator", trains=("generator",), loss=generator, optimizer=config.generator_optimizer
            ),
        ),
    )
