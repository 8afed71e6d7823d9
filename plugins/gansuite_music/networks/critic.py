"""The critic of musegan: how real a phrase is."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from gansuite.layers.bend import Bend
from gansuite.precision import full
from gansuite_music.config import MuseGAN
from gansuite_music.networks.time import Halving, moved

_WIDEST = 256
SHORTEST = 4
OCTAVE = 12


class Chroma(keras.layers.Layer):
    """Folds octaves: (batch, steps, tracks, pitches) to (…, tracks, 12); drums give zeros.

    Args:
        low: MIDI number of the lowest pitch.
        drums: for each track, whether it is percussion.
    """

    def __init__(self, low: int, drums: tuple[bool, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.low = low
        self.drums = drums

    def build(self, input_shape: Any) -> None:
        classes = (self.low + np.arange(input_shape[-1])) % OCTAVE
        self.fold = np.eye(OCTAVE, dtype=np.float32)[classes]
        self.melodic = 1.0 - np.array(self.drums, np.float32)[:, None]

    def call(self, inputs: Any) -> Any:
        folded = ops.matmul(inputs, ops.cast(self.fold, inputs.dtype))
        return folded * ops.cast(self.melodic, inputs.dtype) if any(self.drums) else folded


class Holding(keras.layers.Layer):
    """How much of what sounds sounded some steps before: (batch, steps, tracks, pitches) to (…, tracks).

    Lengths of notes are products of steps, which a convolution cannot make; this shows them to it.

    Args:
        lag: how many steps before.
    """

    def __init__(self, lag: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lag = lag

    def call(self, inputs: Any) -> Any:
        return ops.sum(inputs * moved(inputs, self.lag), axis=-1)


def build_critic(config: MuseGAN) -> keras.Model:
    """Build the critic.

    It sees, of each step, a learned summary of the pitches, the chroma of each track, and how much of each is
    held from steps before; strided convolutions over time follow.

    Args:
        config: the plugin's settings.

    Returns:
        Model from rolls float32 (batch, steps, tracks, pitches) in [0, 1] to scores float32 (batch,).
    """
    data, size, tracks = config.data, config.critic, len(config.tracks)
    rolls = keras.Input([data.steps, tracks, config.pitches.count], name="rolls")
    drums = tuple(track.drum for track in config.tracks)
    pitches = ops.reshape(rolls, [-1, data.steps, tracks * config.pitches.count])
    embedded = layers.Dense(tracks * size.embedding, use_bias=False, name="pitches")(pitches)
    chroma = Chroma(config.pitches.low, drums, name="chroma")(rolls)
    views = [embedded, ops.reshape(chroma, [-1, data.steps, tracks * OCTAVE])]
    views += [Holding(lag, name=f"held_{lag}")(rolls) for lag in lags(data.steps_per_beat, data.steps)]
    features = ops.concatenate(views, axis=-1)
    channels = size.channels
    while features.shape[1] > SHORTEST:
        features = Bend()(Halving(channels)(features))
        channels = min(2 * channels, max(_WIDEST, size.channels))
    features = Bend()(layers.Dense(size.channels)(layers.Flatten()(features)))
    # No bias: moving all scores alike changes no loss, so its gradient would be rounding and nothing else.
    score = layers.Dense(1, use_bias=False, dtype=full(), name="score")(features)
    return keras.Model(rolls, ops.squeeze(score, axis=-1), name="critic")


def lags(steps_per_beat: int, steps: int) -> list[int]:
    """One step, half a beat and a beat before, those that differ and fit in a phrase."""
    return sorted({lag for lag in (1, steps_per_beat // 2, steps_per_beat) if 0 < lag < steps})
