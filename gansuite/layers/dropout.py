"""Dropout without random state of its own."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class StatelessDropout(keras.layers.Layer):
    """Sets a share of the features to 0 while training, as noise that is given with them says.

    Called on [features, noise] of one shape, noise uniform in [0, 1); gives features of that shape. What
    remains is enlarged by 1 / (1 - rate), so that sums keep their mean; outside of training nothing changes,
    and the noise may be of any shape.

    Keras's own `Dropout` moves a seed on with every call: what it drops is in no checkpoint, and is the same
    on every replica.

    Args:
        rate: share that is set to 0, in [0, 1).

    Source: Srivastava et al. 2014, JMLR 15:1929, section 4, with the scaling during training.
    """

    def __init__(self, rate: float, **kwargs: Any) -> None:
        # In bfloat16, noise would be rounded: not exactly `rate` of it lies below `rate`.
        super().__init__(autocast=False, **kwargs)
        self.rate = rate

    def call(self, inputs: Any, training: bool = False) -> Any:
        features, noise = inputs
        if not training:
            return features
        kept = tf.cast(noise >= self.rate, features.dtype)
        return features * kept / (1.0 - self.rate)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}
