"""The pictures of a data set: normal ones to learn from, and all kinds held out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from gansuite.data.cache import Cache
from gansuite.data.cards import locate
from gansuite.data.examples import CachedExamples
from gansuite.data.progress import note
from gansuite.domain import Split
from gansuite.errors import DataError
from gansuite_anomaly.config import AnoGAN, FAnoGAN
from gansuite_anomaly.normality import ANOMALOUS, ChosenExamples, Normality, normality
from gansuite_image.pictures import Pictures

HOLD_OUT = "Hold some out when training, with data.valid_share, or compare with other --data."


class Material:
    """The pictures that some settings name, told apart.

    Args:
        config: the settings.
    """

    def __init__(self, config: AnoGAN | FAnoGAN) -> None:
        self._data = config.data
        self._pictures = Pictures(config)
        self._told = False

    def normality(self, split: Split) -> Normality:
        """Say where the normal pictures of a split are; see `gansuite_anomaly.normality`.

        Raises:
            DataError: the folder holds several data sets, or no pictures of use.
            ConfigError: it is not said which class is normal, or there is no such class.
        """
        return normality(self._cache, self._data, split)

    def normal(self, split: Split) -> ChosenExamples:
        """Return the normal pictures of a split: `examples`, as `Pictures` gives them; say once how many.

        Raises:
            DataError: there are none.
        """
        found = self.normality(split)
        rows = found.normal
        if split == "train" and len(found.anomalous) and not self._told:
            self._told = True
            count = len(rows) + len(found.anomalous)
            note(f"{len(rows)} of the {count} pictures to learn from are normal: the others are left out")
        if not len(rows):
            what = f"there are no normal pictures in the {split} part of {self._data.source}"
            raise DataError(what, where="data.normal", hint=HOLD_OUT if split == "valid" else None)
        return ChosenExamples(self._whole(split), rows)

    def mixed(self, split: Split) -> ChosenExamples:
        """Return all pictures of a split, in an order of chance: `examples`, and `anomalous`, int32 0 or 1.

        Raises:
            DataError: there are none.
        """
        rows, anomalous = self.normality(split).mixed()
        return ChosenExamples(self._whole(split), rows, {ANOMALOUS: anomalous})

    def shown(self, each: int) -> tuple[np.ndarray, list[str]]:
        """Return the first held-out pictures of both kinds, or the first ones where none are held out.

        Args:
            each: how many of a kind, where there are so many.

        Returns:
            uint8 (n, size, size, channels), and a name for each.
        """
        cache = self._cache
        split: Split = "valid" if len(cache.arrays["valid_images"]) else "train"
        found = self.normality(split)
        chosen = {"normal": found.normal[:each], "anomalous": _spread(found.anomalous, each)}
        names = [f"{kind}-{number}" for kind, rows in chosen.items() for number in range(len(rows))]
        return cache.arrays[f"{split}_images"].read(np.concatenate(list(chosen.values()))), names

    def describe(self) -> Mapping[str, Any]:
        """Say what was read, and how much of it is normal."""
        counts = {}
        for split in ("train", "valid"):
            found = self.normality(split)
            counts[split] = {"normal": len(found.normal), "anomalous": len(found.anomalous)}
        return {**self._pictures.describe(), "normality": counts}

    @cached_property
    def _cache(self) -> Cache:
        _refuse_several(locate(self._data.source))
        return self._pictures.cache

    def _whole(self, split: Split) -> CachedExamples:
        return self._pictures.examples(split)


def _refuse_several(path: Path) -> None:
    """Make sure that a folder is not one of many in the layout of MVTec AD: each has a defect of its own."""
    things = sorted(one.parent.parent for one in path.glob("*/train/good") if one.is_dir())
    if things:
        raise DataError(
            "holds several data sets, each with train/good",
            where=str(path),
            hint=f"Learn from one of them: --data {things[0]}\n  "
            f"There are {', '.join(thing.name for thing in things)}.",
        )


def _spread(rows: np.ndarray, count: int) -> np.ndarray:
    """Take some evenly from everywhere: data is often sorted by kind."""
    places = np.linspace(0, max(len(rows) - 1, 0), min(count, len(rows))).round().astype(np.int64)
    return rows[np.unique(places)]
