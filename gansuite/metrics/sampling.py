"""Which rows stand for all of a data set that is too large to be looked at whole."""

from __future__ import annotations

import numpy as np


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
