"""Precision and recall: how much of what is made is real, and how much of what is real is made."""

from __future__ import annotations

import numpy as np

from gansuite.metrics.sampling import some_rows

NEIGHBOURS = 3
MOST = 10_000


def precision_and_recall(
    real: np.ndarray, fake: np.ndarray, *, neighbours: int = NEIGHBOURS
) -> tuple[float, float]:
    """Compare the manifolds of two sets of features.

    A manifold is the union of balls around its rows, each reaching to the row's k-th neighbour.

    Args:
        real, fake: features, (n, d), of about equally many rows; of more than 10,000 some are used.
        neighbours: k.

    Returns:
        Precision: the share of fake rows on the real manifold; recall: of real rows on the fake one. NaN
        where a set has not more than k rows.

    Source: Kynkäänniemi et al. 2019, arXiv:1904.06991, eq. 1 and 2.
    """
    real, fake = (rows[some_rows(len(rows), MOST)] for rows in (real, fake))
    if min(len(real), len(fake)) <= neighbours:
        return float("nan"), float("nan")
    return _share_on(real, fake, neighbours), _share_on(fake, real, neighbours)


def _share_on(manifold: np.ndarray, rows: np.ndarray, neighbours: int) -> float:
    from sklearn.neighbors import NearestNeighbors  # slow to import

    index = NearestNeighbors(n_neighbors=neighbours + 1, algorithm="brute").fit(manifold)
    reach = index.kneighbors(manifold)[0][:, -1]
    on = np.zeros(len(rows), bool)
    for start in range(0, len(rows), 256):
        block = rows[start : start + 256]
        squares = (block**2).sum(1)[:, None] + (manifold**2).sum(1) - 2 * block @ manifold.T
        on[start : start + 256] = (np.sqrt(squares.clip(min=0)) <= reach).any(axis=1)
    return float(on.mean())
