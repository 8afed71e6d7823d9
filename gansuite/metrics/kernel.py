"""The kernel distance: KID, where the features are those of an Inception network."""

from __future__ import annotations

import numpy as np

SUBSETS = 100
SUBSET = 1000


def kernel_distance(
    a: np.ndarray, b: np.ndarray, *, subsets: int = SUBSETS, size: int = SUBSET, seed: int = 0
) -> tuple[float, float]:
    """Return the squared maximum mean discrepancy of two sets of features, unbiased.

    Args:
        a, b: features, (n, d).
        subsets: how many random subsets are compared.
        size: rows in a subset; fewer where a set has fewer.
        seed: decides the subsets.

    Returns:
        Mean and standard deviation over the subsets, with the kernel (x·y / d + 1)³; NaN where a set has
        fewer than 2 rows. The mean of two samples of one distribution is 0, and may be a little below.

    Source: Bińkowski et al. 2018, arXiv:1801.01401, section 4.
    """
    size = min(size, len(a), len(b))
    if size < 2:
        return float("nan"), float("nan")
    random = np.random.default_rng(seed)
    found = [
        _discrepancy(
            a[random.choice(len(a), size, replace=False)], b[random.choice(len(b), size, replace=False)]
        )
        for _ in range(subsets)
    ]
    return float(np.mean(found)), float(np.std(found))


def _discrepancy(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.astype(np.float64), b.astype(np.float64)
    return _mean_of_others(_kernel(a, a)) + _mean_of_others(_kernel(b, b)) - 2 * float(_kernel(a, b).mean())


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray((a @ b.T / a.shape[1] + 1) ** 3)


def _mean_of_others(kernel: np.ndarray) -> float:
    count = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (count * (count - 1)))
