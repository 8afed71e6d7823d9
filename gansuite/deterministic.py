"""Sums and gradients that come out alike on every run, however operations fall on threads.

Two habits of TensorFlow's (2.21) stand in the way:

- AddN puts whichever of its inputs no other operation still holds in front of the others, so from three
  inputs on its floating-point sum depends on how fast those were. A gradient tape adds the shares of whatever
  is used three times with it, and the optimiser of graphs makes one of any chain of additions. Here every sum
  has two inputs, and keeps them.
- The optimiser of graphs drops the edge that keeps a variable from being written before it was read, where
  the read leads to the write through an IdentityN as well, and then takes that apart. Keras's optimizers have
  one around all gradients, so what they write has to wait for everything that was computed before.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import tensorflow as tf


def keep_order() -> None:
    """Have TensorFlow leave additions as they are written, in every graph that runs after this.

    Where there are GPUs, they take kernels of which the same can be said.
    """
    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})
    if tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()


def total(values: Iterable[tf.Tensor]) -> tf.Tensor:
    """Add tensors of one shape, at least one, from the first to the last."""
    return functools.reduce(operator.add, values)


def gradients(target: tf.Tensor, sources: Sequence[Any]) -> list[Any]:
    """Differentiate the sum of a tensor; to be called while a graph is built, which a loss always is.

    Args:
        target: float tensor of any shape.
        sources: tensors that `target` was computed from, or TensorFlow variables.

    Returns:
        For each source a tensor of its shape (`tf.IndexedSlices` where it was only gathered from), None where
        `target` does not depend on it.
    """
    pairs = tf.AggregationMethod.EXPERIMENTAL_TREE
    found: list[Any] = tf.gradients(target, list(sources), aggregation_method=pairs)
    return found


def value_and_slope(
    function: Callable[[tf.Tensor], tf.Tensor], source: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Differentiate the sum of what a function returns, in a graph or without one.

    Args:
        function: maps `source` to a float tensor that depends on it.
        source: float tensor.

    Returns:
        What the function returns, and a tensor of the shape of `source`.
        Without a graph its sums are the tape's.
    """
    if not tf.executing_eagerly():
        value = function(source)
        return value, gradients(value, [source])[0]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(source)
        value = function(source)
    return value, tape.gradient(value, source)
