"""The Fréchet distance: FID, where the features are those of an Inception network."""

from __future__ import annotations

import numpy as np


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the squared Fréchet distance of the normal distributions fitted to two sets of features.

    Args:
        a, b: features, (n, d); NaN is returned where a set has fewer than 2 rows.

    Returns:
        `|μₐ − μᵦ|² + tr(Σₐ + Σᵦ − 2 (Σₐ Σᵦ)^½)`, at least 0.

    Source: Dowson and Landau 1982, doi:10.1016/0047-259X(82)90077-X; Heusel et al. 2017, arXiv:1706.08500,
    eq. 6.
    """
    if min(len(a), len(b)) < 2:
        return float("nan")
    a, b = a.astype(np.float64), b.astype(np.float64)
    covariances = [np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (a, b)]
    # The eigenvalues of the product of two covariances are not negative; rounding may say otherwise.
    product = np.linalg.eigvals(covariances[0] @ covariances[1]).real.clip(min=0)
    means = np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2)
    return float(max(0.0, means + sum(map(np.trace, covariances)) - 2 * np.sqrt(product).sum()))
