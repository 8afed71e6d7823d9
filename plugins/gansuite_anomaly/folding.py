"""Networks that no longer learn, with their normalisations folded into the layers before them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from gansuite.layers.batch_norm import BatchNormalization
from gansuite.layers.convolution import Conv2D, Conv2DTranspose

Frozen = Callable[[tf.Tensor], tf.Tensor]


def frozen(network: keras.Model, last: str | None = None) -> Frozen:
    """Return what computes a network's output as it is, `training=False`, the same but for rounding.

    Batch normalisation that does not learn is a factor and an offset for each channel. Where it comes right
    after a convolution or a dense layer, their kernel takes the factor: it is small, and features are large.
    What is no chain of layers is left alone. Weights are looked up at each call.

    Args:
        network: from one tensor to one.
        last: name of the layer to stop after; the network's last where it is None.
    """
    output = network.output if last is None else network.get_layer(last).output
    chain = _chain(network, output)
    if chain:
        return _following(_folded(chain))
    cut = keras.Model(network.input, output)
    return lambda inputs: cut(inputs, training=False)


def _chain(network: keras.Model, output: keras.KerasTensor) -> Sequence[Any]:
    """The layers that lead one after the other from the input to an output; none where it is otherwise."""
    chain, reached = [], network.inputs[0]
    for layer in network.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        if layer.input is not reached:
            return []
        chain.append(layer)
        reached = layer.output
        if reached is output:
            return chain
    return []


def _folded(chain: Sequence[Any]) -> list[Frozen]:
    steps: list[Frozen] = []
    remaining = list(chain)
    while remaining:
        layer = remaining.pop(0)
        if remaining and _is_foldable(layer, remaining[0]):
            steps.append(_pair(layer, remaining.pop(0)))
        else:
            steps.append(_alone(layer))
    return steps


def _following(steps: Sequence[Frozen]) -> Frozen:
    def compute(features: tf.Tensor) -> tf.Tensor:
        for step in steps:
            features = step(features)
        return features

    return compute


def _alone(layer: Any) -> Frozen:
    if isinstance(layer, layers.BatchNormalization):
        return lambda features: layer(features, training=False)
    return lambda features: layer(features)


def _is_foldable(layer: Any, norm: Any) -> bool:
    # Not what derives from them: its kernel may be another one when it is used.
    if type(layer) not in _PRODUCTS or type(norm) not in _NORMS:
        return False
    is_plain = layer.activation is keras.activations.linear and norm.scale and norm.center
    is_exact = layer.compute_dtype == layer.variable_dtype
    return (
        is_plain and is_exact and getattr(layer, "groups", 1) == 1 and norm.axis in (-1, norm.input.ndim - 1)
    )


def _pair(layer: Any, norm: Any) -> Frozen:
    product = _PRODUCTS[type(layer)]

    def compute(features: tf.Tensor) -> tf.Tensor:
        factor = norm.gamma * tf.math.rsqrt(norm.moving_variance + norm.epsilon)
        shift = norm.moving_mean - (layer.bias if layer.use_bias else 0.0)
        return tf.nn.bias_add(product(layer, features, factor), norm.beta - shift * factor)

    return compute


def _dense(layer: Any, features: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    return features @ (layer.kernel * factor)


def _convolution(layer: Any, features: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    return tf.nn.conv2d(features, layer.kernel * factor, layer.strides, layer.padding.upper())


def _transposed(layer: Any, features: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    shape = tf.concat([tf.shape(features)[:1], layer.compute_output_shape(features.shape)[1:]], axis=0)
    kernel = layer.kernel * factor[:, tf.newaxis]
    return tf.nn.conv2d_transpose(features, kernel, shape, layer.strides, layer.padding.upper())


_PRODUCTS: dict[type, Callable[[Any, tf.Tensor, tf.Tensor], tf.Tensor]] = {
    layers.Dense: _dense,
    layers.Conv2D: _convolution,
    Conv2D: _convolution,
    layers.Conv2DTranspose: _transposed,
    Conv2DTranspose: _transposed,
}
_NORMS = (layers.BatchNormalization, BatchNormalization)
