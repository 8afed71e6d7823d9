"""How musegan's networks play, and what they can do once trained."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import tensorflow as tf

from gansuite.domain import Endpoint
from gansuite.game import Networks, Phase, Player, Terms, Turn
from gansuite.losses.adversarial import higher, lower
from gansuite.losses.penalties import gradient_penalty
from gansuite.noise import normal_for_seeds
from gansuite_music.config import MuseGAN
from gansuite_music.networks.generator import latent_size
from gansuite_music.rolls import ROLLS
from gansuite_music.smf import midi_files


def adversarial_phase(config: MuseGAN) -> Phase:
    """Return the game: a Wasserstein critic with gradient penalty against the generator.

    Source: Gulrajani et al. 2017, arXiv:1704.00028, algorithm 1, with fewer critic updates by default.
    """
    size = latent_size(config)

    def invented(turn: Turn) -> tf.Tensor:
        return turn.networks["generator"](turn.noise.normal("latents", [size]), training=True)

    def critic_loss(turn: Turn) -> Terms:
        critic, real = turn.networks["critic"], turn.batch[ROLLS]
        fake = invented(turn)
        scores = critic(tf.concat([real, fake], axis=0), training=True)
        of_real, of_fake = tf.split(scores, 2)
        mix = turn.noise.uniform("mix")
        penalty = gradient_penalty(lambda rolls: critic(rolls, training=True), real, fake, mix)
        return {"wasserstein": higher(of_real) + lower(of_fake), "gradient_penalty": penalty}

    def generator_loss(turn: Turn) -> Terms:
        scores = turn.networks["critic"](invented(turn), training=True)
        return {"wasserstein": higher(scores)}

    critic = Player(
        name="critic",
        trains=("critic",),
        loss=critic_loss,
        optimizer=config.critic.optimizer,
        rounds=config.critic.rounds,
        weights={"gradient_penalty": config.critic.penalty},
    )
    generator = Player(
        name="generator", trains=("generator",), loss=generator_loss, optimizer=config.generator.optimizer
    )
    return Phase(name="adversarial", players=(critic, generator))


def phrase_endpoints(config: MuseGAN) -> dict[str, Endpoint]:
    """Return `generate`, from latents, and `sample`, from seeds; both give `rolls`.

    `sample_midi` gives `midi_bytes` instead: a Standard MIDI File each.
    `rolls` is bool (batch, steps, tracks, pitches): the likeliest pitch, or rest, of a track of one voice;
    the pitches likelier than not of a track of many.
    """
    size = latent_size(config)

    def generate(networks: Networks, latents: tf.Tensor) -> Mapping[str, tf.Tensor]:
        generator = networks["generator"]
        voices = generator.layers[-1]
        numbers = keras.Model(generator.input, voices.input)(latents, training=False)
        return {ROLLS: voices.sounding(numbers)}

    def sample(networks: Networks, seed: tf.Tensor) -> Mapping[str, tf.Tensor]:
        return generate(networks, normal_for_seeds(seed, "latents", [size]))

    def sample_midi(networks: Networks, seed: tf.Tensor) -> Mapping[str, tf.Tensor]:
        return {"midi_bytes": midi_files(sample(networks, seed)[ROLLS], config)}

    seed, latents = {"seed": tf.TensorSpec([None], tf.int64)}, tf.TensorSpec([None, size], tf.float32)
    rolls = {ROLLS: rolls_meaning(config)}
    noise = {"latents": "normally distributed noise", **rolls}
    return {
        "sample": Endpoint(function=sample, inputs=seed, meanings=rolls),
        "sample_midi": Endpoint(
            function=sample_midi, inputs=seed, meanings={"midi_bytes": "a Standard MIDI File for each"}
        ),
        "generate": Endpoint(function=generate, inputs={"latents": latents}, meanings=noise),
    }


def rolls_meaning(config: MuseGAN) -> str:
    """Say for people what the axes of `rolls` are."""
    tracks = ", ".join(f"{number} {track.name}" for number, track in enumerate(config.tracks))
    return (
        f"whether a pitch sounds: batch, step ({config.data.steps_per_beat} a beat), track ({tracks}), pitch "
        f"(0 is MIDI pitch {config.pitches.low})"
    )
