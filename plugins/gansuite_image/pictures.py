"""Pictures: prepared once, shown to networks, drawn for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from gansuite.data.cache import Cache
from gansuite.data.cards import locate
from gansuite.data.examples import CachedExamples
from gansuite.data.images.drawing import render
from gansuite.data.images.form import Form
from gansuite.data.images.preparing import prepare_images
from gansuite.data.images.ranges import meaning, to_network, to_people
from gansuite.data.progress import note
from gansuite.domain import Evaluation, Score, Split
from gansuite.errors import ConfigError, DataError
from gansuite.noise import Noise
from gansuite_image.config import ImageData, ImageGAN
from gansuite_image.game import EXAMPLES, LABELS
from gansuite_image.scoring import picture_scores

#: How many skipped files a run's description names; the cache's index has them all.
NAMED = 50


class Pictures:
    """Pictures of a data source; a `gansuite_image.material.Material`.

    Args:
        config: the settings.
    """

    name = "images"

    def __init__(self, config: ImageGAN) -> None:
        self._config = config
        self.meaning = meaning(config.data.channels)

    @cached_property
    def cache(self) -> Cache:
        """The prepared pictures of the data source."""
        return prepared(self._config.data)

    def examples(self, split: Split) -> CachedExamples:
        """`examples`, float32 (size, size, channels) in [-1, 1], and `labels`, int32.

        Raises:
            DataError: there are none in the split, or no labels where the settings name classes.
            ConfigError: there are more labels than classes.
        """
        data = self._config.data
        arrays = {EXAMPLES: self.cache.arrays[f"{split}_images"]}
        if data.classes:
            check_labels(self.cache, data)
            arrays[LABELS] = self.cache.arrays[f"{split}_labels"]
        flip = data.flip and split == "train"
        what = f"pictures in the {split} part of {data.source}"
        hint = "Hold some out when training, with data.valid_share, or compare with other --data."
        return CachedExamples(arrays, partial(decode, flip=flip), what=what, hint=hint)

    def shown(self, examples: tf.Tensor) -> tf.Tensor:
        """Return pictures in [-1, 1] as in [0, 1]."""
        return to_people(examples)

    def render(self, made: np.ndarray, folder: Path, names: Sequence[str]) -> list[Path]:
        """Write PNG files and a grid."""
        return render(made, folder, names)

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        """Judge what is made beside the held-out pictures."""
        return picture_scores(evaluation, self._config, partial(prepared, self._config.data))

    def describe(self) -> Mapping[str, Any]:
        """Say what was read, and what the labels are called.

        Only training asks for it: a run may be judged by data of fewer classes.

        Raises:
            DataError: there are no labels where the settings name classes.
            ConfigError: there are more or fewer labels than classes.
        """
        if self._config.data.classes:
            check_learned(self.cache, self._config.data)
        info = dict(self.cache.info)
        skipped = info["skipped"]
        images = {**info, "skipped": skipped[:NAMED], "skipped_count": len(skipped)}
        return {"images": images, "labels": info["classes"] if self._config.data.classes else []}


def prepared(data: ImageData) -> Cache:
    """Prepare the pictures that some settings name, or open what was prepared."""
    form = Form(size=data.size, channels=data.channels, fit=data.fit)
    return prepare_images(locate(data.source), form, valid_share=data.valid_share)


def check_labels(cache: Cache, data: ImageData) -> None:
    """Make sure that pictures have labels, all below the number of classes.

    Raises:
        DataError: they have none.
        ConfigError: they have more.
    """
    if "train_labels" not in cache.arrays:
        hint = "Put the pictures of each class into a folder of its own, or set data.classes=0."
        raise DataError("these pictures have no labels", where=data.source, hint=hint)
    highest = int(_labels(cache, "train").max(initial=0))
    if highest >= data.classes:
        what = f"there are labels up to {highest}, but only {data.classes} classes"
        raise ConfigError(what, where="data.classes", hint=f"Set data.classes={highest + 1}.")


def check_learned(cache: Cache, data: ImageData) -> None:
    """Make sure that there are as many classes as labels go up to, and say which of them cannot be learned.

    Raises:
        DataError: pictures have no labels.
        ConfigError: there are more or fewer labels than classes.
    """
    check_labels(cache, data)
    learned, held_out = (np.unique(_labels(cache, split)) for split in ("train", "valid"))
    highest = int(max(learned.max(initial=0), held_out.max(initial=0)))
    if highest + 1 < data.classes:
        what = f"there are labels up to {highest}, but {data.classes} classes"
        raise ConfigError(what, where="data.classes", hint=f"Set data.classes={highest + 1}.")
    missing = np.setdiff1d(np.arange(data.classes), learned)
    if len(missing):
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        listed = ", ".join(map(str, missing[:NAMED]))
        note(
            f"no picture to learn from has one of the labels {listed}{more}, of {data.classes} classes: "
            "how they look is not learned"
        )


def _labels(cache: Cache, split: str) -> np.ndarray:
    labels = cache.arrays[f"{split}_labels"]
    return labels.read(np.arange(len(labels)))


def decode(rows: Mapping[str, tf.Tensor], noise: Noise, *, flip: bool) -> dict[str, tf.Tensor]:
    """Make examples of cached rows: `examples` float32 (rows, size, size, channels) in [-1, 1], `labels`."""
    examples = to_network(rows[EXAMPLES])
    if flip:
        mirrored = noise.uniform("flip") < 0.5
        examples = tf.where(mirrored[:, None, None, None], examples[:, :, ::-1], examples)
    return {**rows, EXAMPLES: examples}
