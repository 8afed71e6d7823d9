"""How well a score tells two kinds of example apart, whatever the threshold."""

from __future__ import annotations

import math

import numpy as np


def auroc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Measure the area under the receiver operating characteristic.

    Args:
        scores: (n,), higher for what looks positive.
        positive: (n,), true or 1 for what is.

    Returns:
        In [0, 1]: the chance that a positive example scores higher than another, ties counting half; 0.5 for
        scores that say nothing, NaN where all examples are of one kind.

    Raises:
        ValueError: the shapes differ, or a score is not finite.

    Source: Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747.
    """
    from sklearn.metrics import roc_auc_score  # slow to import

    scores, positive = _checked(scores, positive)
    if positive.all() or not positive.any():
        return math.nan
    return float(roc_auc_score(positive, scores))


def average_precision(scores: np.ndarray, positive: np.ndarray) -> float:
    """Measure the area under the precision-recall curve, as a sum of steps.

    Args:
        scores: (n,), higher for what looks positive.
        positive: (n,), true or 1 for what is.

    Returns:
        In [0, 1]: Σ over thresholds of precision times the recall that is gained there; the share of
        positives for scores that say nothing, NaN where there are none.

    Raises:
        ValueError: the shapes differ, or a score is not finite.
    """
    from sklearn.metrics import average_precision_score  # slow to import

    scores, positive = _checked(scores, positive)
    if not positive.any():
        return math.nan
    return float(average_precision_score(positive, scores))


def _checked(scores: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scores, positive = np.asarray(scores, np.float64), np.asarray(positive, bool)
    if scores.ndim != 1 or scores.shape != positive.shape:
        raise ValueError(f"scores of shape {scores.shape} for examples of shape {positive.shape}")
    if not np.isfinite(scores).all():
        raise ValueError("a score is not finite")
    return scores, positive
