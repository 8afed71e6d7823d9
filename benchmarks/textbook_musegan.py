"""The textbook MuseGAN for the chorales: 2 bars x 16 steps x 84 pitches x 4 tracks.

A temporal network for the chords and one for each track's melody lay the latents out over the bars; a
generator for each track makes each of its bars with transposed convolutions and batch normalisation, from
chords and style, which all tracks share, and melody and groove, which are its own. The critic is a stack of
3-D convolutions over bars, steps and pitches. Five critic updates for one of the generator, batch 64,
gradient penalty.

Source: Dong et al. 2018, arXiv:1709.06298 (hybrid model), in the size that Foster, Generative Deep
Learning, 2nd edition, 2023, chapter 11, trains on the same chorales: 6.6 million and 1.4 million weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf
from keras import layers, ops

from gansuite.game import Phase, Player, Terms, Turn
from gansuite.losses.adversarial import higher, lower
from gansuite.losses.penalties import gradient_penalty
from gansuite.settings import Optimizer
from gansuite_music.domain import MuseGANDomain
from gansuite_music.rolls import ROLLS

BARS, STEPS, PITCHES, TRACKS = 2, 16, 84, 4
LATENT = 32
ROUNDS = 5
PENALTY = 10.0
#: For `gansuite.composition`: the same chorales on the textbook's grid.
SETTINGS = ("pitches.low=24", f"pitches.high={24 + PITCHES - 1}")

LATENTS = LATENT * (2 + 2 * TRACKS)
ADAM = Optimizer(learning_rate=1e-3, beta_1=0.5, beta_2=0.9)
_SLOPE = 0.3
_MOMENTUM = 0.9


class TextbookMuseGAN(MuseGANDomain):
    """The plugin's data, with the textbook's networks and game; no running averages."""

    averaged = ()

    def networks(self) -> dict[str, keras.Model]:
        return {"generator": build_generator(), "critic": build_critic()}

    def phases(self) -> Sequence[Phase]:
        return (adversarial_phase(),)


def adversarial_phase() -> Phase:
    """Return the game: a Wasserstein critic with gradient penalty against the generator."""

    def invented(turn: Turn) -> tf.Tensor:
        return turn.networks["generator"](turn.noise.normal("latents", [LATENTS]), training=True)

    def critic_loss(turn: Turn) -> Terms:
        critic = turn.networks["critic"]
        real, fake = by_bars(turn.batch[ROLLS]), invented(turn)
        of_fake, of_real = critic(fake, training=True), critic(real, training=True)
        mix = turn.noise.uniform("mix")
        penalty = gradient_penalty(lambda rolls: critic(rolls, training=True), real, fake, mix)
        return {"wasserstein": higher(of_real) + lower(of_fake), "gradient_penalty": penalty}

    def generator_loss(turn: Turn) -> Terms:
        return {"wasserstein": higher(turn.networks["critic"](invented(turn), training=True))}

    weights = {"gradient_penalty": PENALTY}
    critic = Player(
        name="critic", trains=("critic",), loss=critic_loss, optimizer=ADAM, rounds=ROUNDS, weights=weights
    )
    generator = Player(name="generator", trains=("generator",), loss=generator_loss, optimizer=ADAM)
    return Phase(name="adversarial", players=(critic, generator))


def by_bars(rolls: tf.Tensor) -> tf.Tensor:
    """Lay (batch, steps, tracks, pitches) of 0 and 1 out as (batch, bars, steps, pitches, tracks) of ±1."""
    apart = tf.reshape(rolls, [-1, BARS, STEPS, TRACKS, PITCHES])
    return 2.0 * tf.transpose(apart, [0, 1, 2, 4, 3]) - 1.0


def build_generator() -> keras.Model:
    """Build the generator: latents (batch, LATENTS) to (batch, bars, steps, pitches, tracks) in [-1, 1]."""
    latents = keras.Input([LATENTS], name="latents")
    kinds = ops.split(ops.reshape(latents, [-1, 2 + 2 * TRACKS, LATENT]), 2 + 2 * TRACKS, axis=1)
    chords, style, *own = [kind[:, 0] for kind in kinds]
    melodies = [_temporal_network()(melody) for melody in own[:TRACKS]]
    grooves = own[TRACKS:]
    chords = _temporal_network()(chords)
    generators = [_bar_generator() for _ in range(TRACKS)]
    bars = [
        ops.concatenate(
            [
                generators[track](
                    ops.concatenate([chords[:, bar], style, melodies[track][:, bar], grooves[track]], axis=1)
                )
                for track in range(TRACKS)
            ],
            axis=-1,
        )
        for bar in range(BARS)
    ]
    return keras.Model(latents, ops.concatenate(bars, axis=1), name="generator")


def build_critic() -> keras.Model:
    """Build the critic: rolls (batch, bars, steps, pitches, tracks) in [-1, 1] to scores (batch,)."""
    rolls = keras.Input([BARS, STEPS, PITCHES, TRACKS], name="rolls")
    features = _convolution(rolls, 128, (2, 1, 1), (1, 1, 1), "valid")
    features = _convolution(features, 128, (BARS - 1, 1, 1), (1, 1, 1), "valid")
    for width, kernel, strides in (
        (128, (1, 1, 12), (1, 1, 12)),
        (128, (1, 1, 7), (1, 1, 7)),
        (128, (1, 2, 1), (1, 2, 1)),
        (128, (1, 2, 1), (1, 2, 1)),
        (256, (1, 4, 1), (1, 2, 1)),
        (512, (1, 3, 1), (1, 2, 1)),
    ):
        features = _convolution(features, width, kernel, strides, "same")
    features = layers.Dense(1024, kernel_initializer=_normal())(layers.Flatten()(features))
    score = layers.Dense(1, kernel_initializer=_normal())(layers.LeakyReLU(_SLOPE)(features))
    return keras.Model(rolls, ops.squeeze(score, axis=-1), name="critic")


def _temporal_network() -> keras.Model:
    latents = keras.Input([LATENT])
    features = layers.Reshape([1, 1, LATENT])(latents)
    features = _transposed(features, 1024, (2, 1), (1, 1), "valid")
    features = _transposed(features, LATENT, (BARS - 1, 1), (1, 1), "valid")
    return keras.Model(latents, layers.Reshape([BARS, LATENT])(features))


def _bar_generator() -> keras.Model:
    latents = keras.Input([4 * LATENT])
    features = layers.BatchNormalization(momentum=_MOMENTUM)(layers.Dense(1024)(latents))
    features = layers.Reshape([2, 1, 512])(layers.ReLU()(features))
    for width in (512, 256, 256):
        features = _transposed(features, width, (2, 1), (2, 1), "same")
    features = _transposed(features, 256, (1, 7), (1, 7), "same")
    rolls = layers.Conv2DTranspose(
        1, (1, 12), (1, 12), padding="same", activation="tanh", kernel_initializer=_normal()
    )(features)
    return keras.Model(latents, layers.Reshape([1, STEPS, PITCHES, 1])(rolls))


def _transposed(
    features: keras.KerasTensor, width: int, kernel: tuple[int, int], strides: tuple[int, int], padding: str
) -> keras.KerasTensor:
    features = layers.Conv2DTranspose(width, kernel, strides, padding=padding, kernel_initializer=_normal())(
        features
    )
    return layers.ReLU()(layers.BatchNormalization(momentum=_MOMENTUM)(features))


def _convolution(
    features: keras.KerasTensor,
    width: int,
    kernel: tuple[int, int, int],
    strides: tuple[int, int, int],
    padding: str,
) -> keras.KerasTensor:
    features = layers.Conv3D(width, kernel, strides, padding=padding, kernel_initializer=_normal())(features)
    return layers.LeakyReLU(_SLOPE)(features)


def _normal() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=0.02)
