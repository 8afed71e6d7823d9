"""The arithmetic of the layers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import keras


@contextmanager
def layer_precision(precision: Literal["float32", "bfloat16"]) -> Iterator[None]:
    """Build the networks inside in a precision; weights are float32 in either.

    A network keeps its last layer in float32 (`dtype="float32"`), so that losses and penalties are. float16
    is not offered: its loss scaling lets an infinity on one replica into the weights of all.
    """
    kept = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else "mixed_bfloat16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(kept)
