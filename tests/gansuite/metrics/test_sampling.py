"""Some rows that stand for all, and what is in them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
import tensorflow as tf

from gansuite.metrics.sampling import blocks, load_some, some_rows
from gansuite.noise import Noise


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


class Numbers:
    """Examples that are their own numbers, each with a number of chance."""

    size = 1_000
    spec: ClassVar = {"number": tf.TensorSpec([], tf.int64), "chance": tf.TensorSpec([], tf.float32)}

    def load(self, indices: tf.Tensor, noise: Noise) -> dict[str, tf.Tensor]:
        return {"number": indices, "chance": noise.uniform("chance")}


@pytest.mark.parametrize("limit", [None, 600, 5_000])
def test_blocks_are_parts_of_what_is_loaded(limit: int | None) -> None:
    whole = load_some(Numbers(), limit, seed=3)
    assert whole["number"].tolist() == some_rows(1_000, limit).tolist()
    parts = [*blocks(Numbers(), limit, seed=3, rows=70)]
    assert {len(part["number"]) for part in parts[:-1]} == {70}
    for name, values in whole.items():
        np.testing.assert_array_equal(np.concatenate([part[name] for part in parts]), values)
    assert len(set(whole["chance"].tolist())) > 0.9 * len(whole["number"])
    assert not np.array_equal(whole["chance"], load_some(Numbers(), limit, seed=4)["chance"])
