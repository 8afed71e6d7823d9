"""Weights kept in a box."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class Clip(keras.constraints.Constraint):
    """Keeps every weight within [-bound, bound] after each update.

    Args:
        bound: above 0.

    Source: Arjovsky et al. 2017, arXiv:1701.07875, algorithm 1 (c = 0.01).
    """

    def __init__(self, bound: float) -> None:
        self.bound = bound

    def __call__(self, weights: Any) -> Any:
        return ops.clip(weights, -self.bound, self.bound)

    def get_config(self) -> dict[str, Any]:
        return {"bound": self.bound}
