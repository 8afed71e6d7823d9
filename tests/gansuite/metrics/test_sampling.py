"""Some rows that stand for all."""

from __future__ import annotations

import numpy as np
import pytest

from gansuite.metrics.sampling import some_rows


@pytest.mark.parametrize("limit", [None, 100, 1000])
def test_all_are_chosen_where_there_are_no_more(limit: int | None) -> None:
    assert some_rows(100, limit).tolist() == list(range(100))


@pytest.mark.parametrize("labels", [np.arange(60_000) // 6_000, np.arange(60_000) % 10])
def test_every_class_is_there_in_proportion_however_rows_are_sorted(labels: np.ndarray) -> None:
    rows = some_rows(len(labels), 10_000)
    assert len(set(rows.tolist())) == 10_000
    assert np.all(np.diff(rows) > 0)
    assert np.bincount(labels[rows]) == pytest.approx(1_000, rel=0.1)
    assert np.array_equal(rows, some_rows(len(labels), 10_000))
