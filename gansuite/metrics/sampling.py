"""Which rows stand for all of a data set that is too large to be looked at whole, and what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from gansuite.domain import Examples
from gansuite.noise import Noise

_ROWS_AT_A_TIME = 256


def some_rows(size: int, limit: int | None) -> np.ndarray:
    """Choose rows, each of them once, always the same ones for the same numbers.

    Prepared data may be sorted by class, or go through the classes in turn: neither its first rows nor every
    n-th of them stand for all.

    Args:
        size: how many there are.
        limit: how many to choose at most; None for all.

    Returns:
        int64 (min(size, limit),), ascending.
    """
    if limit is None or limit >= size:
        return np.arange(size)
    return np.sort(np.random.default_rng(0).choice(size, limit, replace=False, shuffle=False))


def load_some(examples: Examples, limit: int | None, *, seed: int) -> Any:
    """Return examples as numpy arrays, nested as their `spec`.

    Args:
        examples: to choose of.
        limit: how many at most, chosen by `some_rows`; None for all.
        seed: of augmentation, where they have any.
    """
    parts = [*blocks(examples, limit, seed=seed, rows=_ROWS_AT_A_TIME)]
    return tf.nest.map_structure(lambda *all_parts: np.concatenate(all_parts), *parts)


def blocks(examples: Examples, limit: int | None, *, seed: int, rows: int) -> Iterator[Any]:
    """Give what `load_some` returns in parts of so many rows: no more are in memory at a time."""
    chosen = some_rows(examples.size, limit)
    for start in range(0, len(chosen), rows):
        indices = chosen[start : start + rows]
        noise = Noise(seed=seed, first_row=start, rows=len(indices), scope="evaluation")
        batch = examples.load(tf.constant(indices, tf.int64), noise)
        yield tf.nest.map_structure(lambda tensor: tensor.numpy(), batch)
