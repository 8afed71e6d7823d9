"""Layers in which every track has weights of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

# A pitch of a track of many voices sounds rarely: start near silence.
_QUIET = -3.0


class Positions(keras.layers.Layer):
    """Adds learned numbers to each place: (batch, places, channels) to the same."""

    def build(self, input_shape: Any) -> None:
        self.offsets = self.add_weight(shape=tuple(input_shape[1:]), initializer="zeros", name="offsets")

    def call(self, inputs: Any) -> Any:
        return inputs + self.offsets


class Voices(keras.layers.Layer):
    """Turns numbers for pitches into probabilities: (batch, steps, tracks, pitches + 1) to (…, pitches).

    The last number of a track is that of a rest.

    Args:
        one_voice: for each track, whether one pitch sounds at a time: then the pitches and the rest share a
            softmax, of which the rest is not returned; else each pitch has a sigmoid.
    """

    def __init__(self, one_voice: Sequence[bool], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.one_voice = np.array(one_voice)

    def call(self, inputs: Any) -> Any:
        if self.one_voice.all():
            return ops.softmax(inputs)[..., :-1]
        apart = ops.sigmoid(inputs[..., :-1] + _QUIET)
        if not self.one_voice.any():
            return apart
        return ops.where(self.one_voice[:, None], ops.softmax(inputs)[..., :-1], apart)

    def sounding(self, inputs: tf.Tensor) -> tf.Tensor:
        """Decide what sounds, as the probabilities have it, which are left out: to bool (…, pitches).

        In a track of one voice it is the likeliest pitch, the lower of equals, unless a rest is likelier; in
        one of many, the pitches that are likelier than not.
        """
        apart = inputs[..., :-1] + _QUIET > 0
        if not self.one_voice.any():
            return apart
        _, likeliest = tf.math.top_k(inputs, k=1)  # twice as fast as an argmax
        # A rest is beyond the last pitch.
        alone = tf.one_hot(likeliest[..., 0], inputs.shape[-1] - 1, on_value=True, off_value=False)
        return alone if self.one_voice.all() else tf.where(self.one_voice[:, None], alone, apart)
