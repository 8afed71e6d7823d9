"""How labels reach a network."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from gansuite.precision import full


class OneHot(keras.layers.Layer):
    """Labels int (batch,) to float32 (batch, classes), 1 at the label.

    Args:
        classes: how many there are.
    """

    def __init__(self, classes: int, **kwargs: Any) -> None:
        super().__init__(dtype=full(), **kwargs)
        self.classes = classes

    def call(self, inputs: Any) -> Any:
        return ops.one_hot(ops.cast(inputs, "int32"), self.classes, dtype=self.compute_dtype)


def one_hot(labels: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """Return float32 (batch, classes)."""
    return OneHot(classes)(labels)


def labelled(examples: keras.KerasTensor, labels: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """Add a channel for each class to examples (batch, ..., channels): 1s in the label's, 0s elsewhere."""
    planes = one_hot(labels, classes)
    for size in examples.shape[1:-1]:
        planes = ops.repeat(ops.expand_dims(planes, axis=-2), size, axis=-2)
    return layers.Concatenate()([examples, planes])
