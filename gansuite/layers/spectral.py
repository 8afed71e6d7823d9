"""Layers whose weights are divided by their largest singular value.

Keras's own `SpectralNormalization` writes the divided weights back and lets no gradient through the division;
here the weights stay what the optimizer made of them, and the division is part of the loss, as published.

Source: Miyato et al. 2018, arXiv:1802.05957, section 2.1 and algorithm 1.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import layers

from gansuite.layers.convolution import Conv2D
from gansuite.precision import full, in_full

_EPSILON = 1e-12


class _Spectral:
    """Gives a layer's `kernel` divided; the first singular vector is followed by power iteration.

    The vector moves in training only. It is a function of the weights, so all replicas have the same.
    """

    vector: Any
    _follow = False

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)  # type: ignore[misc]
        self.vector = self.add_weight(  # type: ignore[attr-defined]
            shape=(1, int(self._kernel.shape[-1])),  # type: ignore[attr-defined]
            initializer=_First(),
            trainable=False,
            aggregation="only_first_replica",
            dtype=full(),
            autocast=False,
            name="vector",
        )

    @property
    def kernel(self) -> Any:
        kernel = self._kernel  # type: ignore[attr-defined]
        return tf.cast(self._divided(tf.convert_to_tensor(kernel)), self.compute_dtype)  # type: ignore[attr-defined]

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        self._follow = bool(training)
        return super().call(inputs, training=training)  # type: ignore[misc]

    def _divided(self, kernel: tf.Tensor) -> tf.Tensor:
        kernel = in_full(kernel)
        matrix = tf.reshape(kernel, [-1, kernel.shape[-1]])
        still = tf.stop_gradient(matrix)
        vector = tf.convert_to_tensor(self.vector.value)
        left = _unit(tf.matmul(vector, still, transpose_b=True))
        right = _unit(tf.matmul(left, still))
        if self._follow:
            self.vector.assign(right)
        return kernel / tf.reduce_sum(tf.matmul(left, matrix) * right)


class SpectralDense(_Spectral, layers.Dense):
    """A `Dense` with a spectral norm of 1; arguments as of `Dense`."""


class SpectralConv2D(_Spectral, Conv2D):
    """A `Conv2D` whose kernel, as a matrix (height · width · in, out), has a spectral norm of 1."""


def vectors(network: keras.Model) -> list[keras.Variable]:
    """Return the vectors of a network's spectral layers, which move with every use in training."""
    layers_of_it = network._flatten_layers(include_self=True, recursive=True)
    return [layer.vector for layer in layers_of_it if isinstance(layer, _Spectral)]


class _First(keras.initializers.Initializer):
    """A vector that no kernel is likely to be orthogonal to, and that no random state decides."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return tf.cast(_unit(tf.cos(tf.range(1.0, shape[-1] + 1.0))[None]), dtype or full())

    def get_config(self) -> dict[str, Any]:
        return {}


def _unit(vector: tf.Tensor) -> tf.Tensor:
    return vector / (tf.sqrt(tf.reduce_sum(tf.square(vector))) + _EPSILON)
