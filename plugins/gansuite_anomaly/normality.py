"""Which pictures of a data set are normal, as rows of its cache: nothing is copied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from gansuite.data.cache import Cache
from gansuite.data.examples import CachedExamples
from gansuite.domain import Split
from gansuite.errors import ConfigError, DataError
from gansuite.noise import Noise
from gansuite_anomaly.config import AnomalyData

ANOMALOUS = "anomalous"
#: What the class of normal pictures is called where nobody says.
USUAL = ("good", "normal")


class ChosenExamples:
    """Some rows of other examples; a `gansuite.domain.Examples`.

    Args:
        whole: the other examples.
        rows: which of them, int64 (n,), in the order they are to have.
        more: by name, what is added to each example, (n, ...).
    """

    def __init__(
        self, whole: CachedExamples, rows: np.ndarray, more: Mapping[str, np.ndarray] | None = None
    ) -> None:
        self._whole = whole
        self._rows = rows
        self._more = dict(more or {})
        self.size = len(rows)

    @property
    def spec(self) -> Any:
        """`tf.TensorSpec`s of one example."""
        added = {name: tf.TensorSpec(rows.shape[1:], rows.dtype) for name, rows in self._more.items()}
        return {**self._whole.spec, **added}

    def load(self, indices: tf.Tensor, noise: Noise) -> Any:
        """Read and decode the examples at `indices`, int64 (rows,)."""
        added = {name: tf.gather(rows, indices) for name, rows in self._more.items()}
        return {**self._whole.load(tf.gather(self._rows, indices), noise), **added}


@dataclass(frozen=True, kw_only=True)
class Normality:
    """Where the normal pictures of a split are.

    Args:
        normal, anomalous: rows of the split, int64, in their order.
    """

    normal: np.ndarray
    anomalous: np.ndarray

    def mixed(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all rows in an order of chance that never changes, and 1 for each that is anomalous.

        The first n of them are then a fair choice, however the data is sorted.
        """
        rows = np.concatenate([self.normal, self.anomalous])
        flags = np.repeat(np.array([0, 1], np.int32), [len(self.normal), len(self.anomalous)])
        order = np.random.default_rng(0).permutation(len(rows))
        return rows[order], flags[order]


def normality(cache: Cache, data: AnomalyData, split: Split) -> Normality:
    """Find the normal pictures of a split.

    Raises:
        ConfigError: there is no such class, or it is not said which class is normal.
        DataError: a class is named where pictures have none.
    """
    labels = cache.arrays.get(f"{split}_labels")
    if labels is None:
        if data.normal:
            hint = "Put the pictures of each class into a folder of its own, or leave data.normal out."
            raise DataError("these pictures have no classes", where=data.source, hint=hint)
        every = np.arange(len(cache.arrays[f"{split}_images"]))
        return Normality(normal=every, anomalous=np.zeros(0, np.int64))
    found = labels.read(np.arange(len(labels)))
    normal = found == normal_class(cache, data)
    return Normality(normal=np.flatnonzero(normal), anomalous=np.flatnonzero(~normal))


def normal_class(cache: Cache, data: AnomalyData) -> int:
    """Return the number of the class that is normal.

    Raises:
        ConfigError: there is no such class, or it is not said which.
    """
    named = [str(name) for name in cache.info["classes"]]
    known = {name.lower(): number for number, name in enumerate(named)} if named else _numbers(cache)
    for name in [data.normal] if data.normal else [*USUAL, *(known if len(known) == 1 else ())]:
        if name.lower() in known:
            return known[name.lower()]
    if named and data.normal.isdecimal() and int(data.normal) < len(named):
        return int(data.normal)
    listed = f"There are {', '.join(named or known)}."
    if not data.normal:
        raise ConfigError(
            "which class is normal is not said", where="data.normal", hint=f"{listed} Name one."
        )
    raise ConfigError(f"there is no class {data.normal!r}", where="data.normal", hint=listed)


def _numbers(cache: Cache) -> dict[str, int]:
    """The labels of classes that have no names."""
    found = [cache.arrays[f"{split}_labels"] for split in ("train", "valid")]
    numbers = sorted({int(one) for labels in found for one in labels.read(np.arange(len(labels)))})
    return {str(one): one for one in numbers}
