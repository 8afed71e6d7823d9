"""What every feature network has: a name, a hash, and features of pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf

ROWS_AT_A_TIME = 128


@dataclass(frozen=True, kw_only=True)
class FeatureModel:
    """A network that looks at pictures.

    Attributes:
        name: what it is.
        sha256: of its weights, hexadecimal.
        resizer: how pictures are brought to its size.
        look: graph function from pictures float32 (n, h, w, c) in [0, 1] to features (n, d) and, where it
            knows classes, their probabilities (n, classes).
    """

    name: str
    sha256: str
    resizer: str
    look: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor | None]]

    def features(self, pictures: np.ndarray) -> np.ndarray:
        """Return features, float32 (n, d), of pictures, float (n, h, w, c) in [0, 1]."""
        return self.both(pictures)[0]

    def both(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Return features and the probabilities of classes, where it knows any."""
        parts = [
            self._looking(tf.constant(pictures[start : start + ROWS_AT_A_TIME], tf.float32))
            for start in range(0, len(pictures), ROWS_AT_A_TIME)
        ]
        features = np.concatenate([part[0].numpy() for part in parts])
        if parts[0][1] is None:
            return features, None
        return features, np.concatenate([part[1].numpy() for part in parts])

    @cached_property
    def _looking(self) -> Callable[..., Any]:
        looking: Callable[..., Any] = tf.function(self.look, autograph=False, reduce_retracing=True)
        return looking

    def describe(self) -> str:
        """Say in one line what a figure was computed with."""
        return f"features of {self.name} (sha256 {self.sha256[:12]}), {self.resizer}"


def hash_weights(weights: Sequence[np.ndarray]) -> str:
    """Return the SHA-256 of some arrays, by their numbers and shapes."""
    digest = hashlib.sha256()
    for weight in weights:
        digest.update(f"{weight.dtype.str}{weight.shape}".encode())
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()
