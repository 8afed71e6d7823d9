"""The arithmetic of the layers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

import keras
import tensorflow as tf

from gansuite.errors import UsageError
from gansuite.settings import Precision

#: Weights, what networks answer, and losses are never less exact than this.
FULL: Final = "float32"


@contextmanager
def layer_precision(precision: Precision) -> Iterator[None]:
    """Build the networks inside in a precision.

    In bfloat16 the weights are float32 still, and so is what a network answers: one that judges keeps its
    last layer in float32 (`dtype=full()`), so that losses and penalties are exact; one that makes pictures
    only what is behind its last convolution. In float64 everything is float64. float16 is not offered: its
    loss scaling lets an infinity on one replica into the weights of all.

    Raises:
        UsageError: it is "auto", which is none.
    """
    if precision == "auto":
        raise UsageError(
            "auto has to be decided before networks are built",
            where="training.precision",
            hint="gansuite.training.calibration.decide does.",
        )
    policy, default = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_floatx(weight_dtype(precision))
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else precision)
    try:
        yield
    finally:
        keras.config.set_floatx(default)
        keras.config.set_dtype_policy(policy)


def weight_dtype(precision: Precision) -> Literal["float32", "float64"]:
    """Return the dtype of the weights, the noise and the losses in a precision."""
    return "float64" if precision == "float64" else FULL


def full() -> str:
    """Return the dtype of weights and answers of a network that is being built: float32 or float64."""
    return str(keras.config.floatx())


def in_full(tensor: tf.Tensor) -> tf.Tensor:
    """Return a tensor of float type at least as float32, for losses and statistics."""
    return tensor if tensor.dtype == tf.float64 else tf.cast(tensor, tf.float32)
