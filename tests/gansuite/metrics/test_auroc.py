"""AUROC and average precision, against their definitions and scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gansuite.metrics.auroc import auroc, average_precision


def test_a_case_done_by_hand() -> None:
    scores, positive = np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])
    # Of four pairs one is the wrong way round: 0.35 below 0.4.
    assert auroc(scores, positive) == pytest.approx(0.75)
    # Precision 1 for the first half of the recall, 2/3 for the second.
    assert average_precision(scores, positive) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=40))
def test_auroc_is_the_share_of_pairs_in_order(examples: list[tuple[int, bool]]) -> None:
    scores, positive = (np.array(column) for column in zip(*examples, strict=True))
    pairs = scores[positive][:, None] - scores[~positive][None, :]
    expected = float(np.mean((pairs > 0) + 0.5 * (pairs == 0))) if pairs.size else math.nan
    assert auroc(scores, positive) == pytest.approx(expected, nan_ok=True)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=40))
def test_average_precision_is_the_sum_over_thresholds(examples: list[tuple[int, bool]]) -> None:
    scores, positive = (np.array(column) for column in zip(*examples, strict=True))
    expected, before = (0.0, 0.0) if positive.any() else (math.nan, 0.0)
    for threshold in np.unique(scores)[::-1]:
        above = scores >= threshold
        recall = positive[above].sum() / max(positive.sum(), 1)
        expected += (recall - before) * positive[above].mean()
        before = recall
    assert average_precision(scores, positive) == pytest.approx(expected, nan_ok=True)


def test_one_kind_alone_has_no_figure() -> None:
    assert math.isnan(auroc(np.arange(3.0), np.ones(3)))
    assert math.isnan(auroc(np.arange(3.0), np.zeros(3)))
    assert math.isnan(average_precision(np.arange(3.0), np.zeros(3)))
    assert average_precision(np.arange(3.0), np.ones(3)) == 1


def test_scores_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        auroc(np.array([0.0, np.nan]), np.array([0, 1]))
    with pytest.raises(ValueError, match="shape"):
        average_precision(np.zeros(3), np.array([0, 1]))
