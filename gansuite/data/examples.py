"""Examples that lie in a cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import tensorflow as tf

from gansuite.data.cache import CachedArray
from gansuite.errors import DataError
from gansuite.noise import Noise

#: Makes examples of the arrays' rows: (name to (rows, ...), noise for the same rows) to nested (rows, ...).
Decode = Callable[[Mapping[str, tf.Tensor], Noise], Any]


class CachedExamples:
    """Examples whose parts are rows of cached arrays; a `gansuite.domain.Examples`.

    Args:
        arrays: by name; row i of each belongs to example i.
        decode: a pure graph function that makes a batch of the rows, with noise for augmentation.
        what: names them in a message.
        hint: what to do where there are none.

    Raises:
        DataError: there are none.
        ValueError: the arrays have different numbers of rows.
    """

    def __init__(
        self,
        arrays: Mapping[str, CachedArray],
        decode: Decode,
        *,
        what: str = "examples",
        hint: str | None = None,
    ) -> None:
        sizes = {len(array) for array in arrays.values()}
        if len(sizes) != 1:
            raise ValueError(f"arrays of one set of examples have {sorted(sizes)} rows")
        if sizes == {0}:
            raise DataError(f"there are no {what}", hint=hint)
        self._arrays = dict(arrays)
        self._decode = decode
        self.size = sizes.pop()

    @cached_property
    def spec(self) -> Any:
        """`tf.TensorSpec`s of one example, as `load` makes them."""
        with tf.Graph().as_default():
            batch = self.load(tf.zeros(1, tf.int64), Noise(seed=0))
        return tf.nest.map_structure(lambda rows: tf.TensorSpec(rows.shape[1:], rows.dtype), batch)

    def load(self, indices: tf.Tensor, noise: Noise) -> Any:
        """Read and decode the examples at `indices`, int64 (rows,)."""
        rows = {name: array.gather(indices) for name, array in self._arrays.items()}
        return self._decode(rows, noise)
