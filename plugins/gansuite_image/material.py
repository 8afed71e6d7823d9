"""What an image GAN learns to make: pictures, or points in the plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from gansuite.data.examples import CachedExamples
from gansuite.domain import Evaluation, Score, Split
from gansuite_image.config import ImageGAN
from gansuite_image.pictures import Pictures
from gansuite_image.points import Points


class Material(Protocol):
    """A kind of example.

    Attributes:
        name: what endpoints call it.
        meaning: what its numbers are, in a line.
    """

    name: str
    meaning: str

    def examples(self, split: Split) -> CachedExamples:
        """Return what to learn from: `examples` float32, and `labels` int32 where there are classes."""
        ...

    def shown(self, examples: tf.Tensor) -> tf.Tensor:
        """Return what a network made as people take it."""
        ...

    def render(self, made: np.ndarray, folder: Path, names: Sequence[str]) -> list[Path]:
        """Write what `shown` gave as files."""
        ...

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        """Judge what is made."""
        ...

    def describe(self) -> Mapping[str, Any]:
        """Say what was read."""
        ...


def material(config: ImageGAN) -> Material:
    """Return the kind that some settings name."""
    return Points(config.data) if config.data.kind == "points" else Pictures(config)
