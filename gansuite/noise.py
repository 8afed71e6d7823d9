"""Random numbers that are a function of a seed, a step and a name, and of nothing else.

Noise is drawn for the rows of the *global* batch: the replica that holds rows 16 to 31 draws exactly the
numbers that one device holding all rows would have drawn there. So the number of devices does not change
what a network sees, and a resumed run sees what the uninterrupted one would have.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import tensorflow as tf

_PHILOX = 1
# One call of the Philox generator makes four 32-bit numbers; a row must start at a call of its own.
_NUMBERS_PER_CALL = 4

Integer: TypeAlias = int | tf.Tensor


def hash_name(name: str) -> int:
    """Return the signed 64-bit number that stands for a name, the same on every machine."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Stateless noise for some rows of a global batch.

    Args:
        seed: integer, or int64 scalar tensor.
        step: integer or int64 scalar: draws of different steps are independent.
        first_row: where in the global batch these rows begin.
        rows: how many rows; integer or scalar tensor.
        scope: prefix of every name; draws in different scopes are independent.
        dtype: float32 or float64: the same numbers, drawn in float32.
        graph: where the numbers are drawn; None where they are used. XLA makes others from the same seed, and
            has its own way of dealing them out to rows, so a graph that it compiles gets them from outside.
    """

    seed: Integer
    step: Integer = 0
    first_row: Integer = 0
    rows: Integer = 1
    scope: str = ""
    dtype: str = "float32"
    graph: tf.Graph | None = None

    def scoped(self, name: str) -> Noise:
        """Return the same noise under a name of its own, as for one player or one layer."""
        return replace(self, scope=f"{self.scope}/{name}")

    def normal(self, name: str, shape: Sequence[int] = ()) -> tf.Tensor:
        """Draw standard normal numbers: `dtype` `(rows, *shape)`."""
        return self._draw(name, shape, tf.raw_ops.StatelessRandomNormalV2)

    def uniform(self, name: str, shape: Sequence[int] = (), low: float = 0.0, high: float = 1.0) -> tf.Tensor:
        """Draw numbers uniform in [low, high): `dtype` `(rows, *shape)`."""
        return low + (high - low) * self._draw(name, shape, tf.raw_ops.StatelessRandomUniformV2)

    def integers(self, name: str, shape: Sequence[int] = (), *, below: int) -> tf.Tensor:
        """Draw whole numbers uniform in [0, below): int32 `(rows, *shape)`; `below` at most 2**23."""
        drawn = tf.cast(self.uniform(name, shape) * float(below), tf.int32)
        return tf.minimum(drawn, below - 1)

    def seed_for(self, name: str) -> tf.Tensor:
        """Return a seed for a stateless operation that is the same for all rows: int64 (2,)."""
        return tf.stack([self._folded(name), tf.cast(self.step, tf.int64)])

    def _folded(self, name: str) -> tf.Tensor:
        mark = tf.constant(hash_name(f"{self.scope}/{name}"), tf.int64)
        return tf.bitwise.bitwise_xor(tf.cast(self.seed, tf.int64), mark)

    def _draw(self, name: str, shape: Sequence[int], operation: object) -> tf.Tensor:
        with contextlib.nullcontext() if self.graph is None else self.graph.as_default():
            return self._drawn(name, shape, operation)

    def _drawn(self, name: str, shape: Sequence[int], operation: object) -> tf.Tensor:
        size = math.prod(shape)
        calls = math.ceil(size / _NUMBERS_PER_CALL)
        key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=self.seed_for(name))
        start = tf.cast(tf.cast(self.first_row, tf.int64) * calls, tf.uint64)
        counter = tf.stack([counter[0] + start, counter[1]])
        flat = operation(  # type: ignore[operator]
            shape=tf.stack([tf.cast(self.rows, tf.int32), calls * _NUMBERS_PER_CALL]),
            key=key,
            counter=counter,
            alg=_PHILOX,
            dtype=tf.float32,
        )
        rows = self.rows if isinstance(self.rows, int) else -1
        drawn = tf.reshape(flat[:, :size], [rows, *shape])
        drawn.set_shape([self.rows if isinstance(self.rows, int) else None, *shape])
        return tf.cast(drawn, self.dtype)


def normal_for_seeds(seeds: tf.Tensor, name: str, shape: Sequence[int]) -> tf.Tensor:
    """Draw standard normal numbers, row *i* from seed *i* alone.

    Args:
        seeds: int64 (batch,).
        name: what the numbers are for.
        shape: of one row.

    Returns:
        float32 `(batch, *shape)`. A row does not depend on which other seeds are asked for beside it.
    """

    def row(seed: tf.Tensor) -> tf.Tensor:
        return Noise(seed=seed).normal(name, shape)[0]

    signature = tf.TensorSpec(tuple(shape), tf.float32)
    return tf.map_fn(row, seeds, fn_output_signature=signature, parallel_iterations=32)


def integers_for_seeds(seeds: tf.Tensor, name: str, *, below: int) -> tf.Tensor:
    """Draw a whole number uniform in [0, below) for each seed: int32 (batch,), row *i* from seed *i* alone.

    Args:
        seeds: int64 (batch,).
        name: what the numbers are for.
        below: at most 2**23.
    """

    def row(seed: tf.Tensor) -> tf.Tensor:
        return Noise(seed=seed).integers(name, below=below)[0]

    return tf.map_fn(row, seeds, fn_output_signature=tf.int32, parallel_iterations=32)
