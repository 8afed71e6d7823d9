"""How Pix2Pix's generator and discriminator play."""

from __future__ import annotations

import tensorflow as tf

from gansuite.game import Phase, Player, Terms, Turn
from gansuite.losses.adversarial import adversarial_loss
from gansuite.losses.pixels import l1
from gansuite.noise import Noise
from gansuite_translation.config import Pix2Pix, Sides, UNet
from gansuite_translation.networks.unet import noise_shapes

#: The discriminator's loss is halved, so that it learns more slowly than the generator.
HALF = 0.5


def translation_phase(config: Pix2Pix) -> Phase:
    """Return the game: the discriminator judges partners beside their inputs; the generator translates.

    Without an adversarial loss, the generator plays alone.

    Source: Isola et al. 2017, arXiv:1611.07004, eq. 4 and section 3.3.
    """
    rule = adversarial_loss(config.loss)

    def translated(turn: Turn) -> tf.Tensor:
        noises = dropout_noises(config.generator, config.data, turn.noise)
        return turn.networks["generator"]([turn.batch["inputs"], *noises], training=True)

    def judged(turn: Turn, *partners: tf.Tensor) -> list[tf.Tensor]:
        beside = [tf.concat([turn.batch["inputs"], partner], axis=-1) for partner in partners]
        # No row of the discriminator's answer depends on another: one call judges all.
        logits = turn.networks["discriminator"](tf.concat(beside, axis=0), training=True)
        return list(tf.split(logits, len(partners)))

    def discriminator_loss(turn: Turn) -> Terms:
        real, fake = judged(turn, turn.batch["targets"], tf.stop_gradient(translated(turn)))
        return {"real": rule.real(real), "fake": rule.fake(fake)}

    def generator_loss(turn: Turn) -> Terms:
        made, terms = translated(turn), {}
        if config.adversarial:
            terms["adversarial"] = rule.generator(judged(turn, made)[0])
        if config.l1:
            terms["l1"] = l1(made, turn.batch["targets"])
        return terms

    discriminator = Player(
        name="discriminator",
        trains=("discriminator",),
        loss=discriminator_loss,
        optimizer=config.discriminator_optimizer,
        weights={"real": HALF, "fake": HALF},
    )
    generator = Player(
        name="generator",
        trains=("generator",),
        loss=generator_loss,
        optimizer=config.generator_optimizer,
        weights={"adversarial": config.adversarial, "l1": config.l1},
    )
    players = (discriminator, generator) if config.adversarial else (generator,)
    return Phase(name="translation", players=players)


def dropout_noises(network: UNet, data: Sides, noise: Noise) -> list[tf.Tensor]:
    """Draw what decides what a U-Net drops: uniform in [0, 1), of `noise_shapes`."""
    shapes = enumerate(noise_shapes(network, data.size))
    return [noise.uniform(f"dropout_{level}", shape) for level, shape in shapes]
