"""Layers in which every track has weights of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

# A pitch of a track of many voices sounds rarely: start near silence.
_QUIET = -3.0


class Positions(keras.layers.Layer):
    """Adds learned numbers to each place: (batch, places, channels) to the same."""

    def build(self, input_shape: Any) -> None:
        self.offsets = self.add_weight(shape=tuple(input_shape[1:]), initializer="zeros", name="offsets")

    def call(self, inputs: Any) -> Any:
        return inputs + self.offsets


class TrackEmbedding(keras.layers.Layer):
    """Sums vectors of the pitches that sound: (batch, steps, tracks, pitches) to (…, tracks, size).

    Args:
        size: length of a vector.
    """

    def __init__(self, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size

    def build(self, input_shape: Any) -> None:
        tracks, pitches = input_shape[2:]
        start = keras.initializers.RandomNormal(stddev=0.5)
        self.vectors = self.add_weight(shape=(tracks, pitches, self.size), initializer=start, name="vectors")

    def call(self, inputs: Any) -> Any:
        return ops.einsum("btvp,vpe->btve", inputs, self.vectors)


class PitchHeads(keras.layers.Layer):
    """Turns each track's features into probabilities of pitches.

    Args:
        pitches: how many there are.
        one_voice: for each track, whether one pitch sounds at a time: then the pitches and a rest share a
            softmax, of which the rest is not returned; else each pitch has a sigmoid.
    """

    def __init__(self, pitches: int, one_voice: Sequence[bool], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pitches = pitches
        self.one_voice = np.array(one_voice)

    def build(self, input_shape: Any) -> None:
        tracks, size = input_shape[2:]
        start = keras.initializers.RandomNormal(stddev=size**-0.5)
        self.vectors = self.add_weight(
            shape=(tracks, size, self.pitches + 1), initializer=start, name="vectors"
        )
        biases = np.where(self.one_voice, 0.0, _QUIET)[:, None] * np.ones(self.pitches + 1)
        self.biases = self.add_weight(
            shape=(tracks, self.pitches + 1),
            initializer=lambda *_, **__: ops.cast(biases, "float32"),
            name="biases",
        )

    def call(self, inputs: Any) -> Any:
        logits = ops.einsum("btve,vep->btvp", inputs, self.vectors) + self.biases
        if self.one_voice.all():
            return ops.softmax(logits)[..., : self.pitches]
        apart = ops.sigmoid(logits[..., : self.pitches])
        if not self.one_voice.any():
            return apart
        return ops.where(self.one_voice[:, None], ops.softmax(logits)[..., : self.pitches], apart)
