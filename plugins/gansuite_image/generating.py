"""Generated pictures to be judged: made and looked at block by block, so that few are in memory at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gansuite.domain import Evaluation
from gansuite.metrics.features.model import FeatureModel

#: A multiple of what endpoints and feature networks take at a time, which then see the same batches.
ROWS_AT_A_TIME = 256


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a network sees in generated pictures.

    Attributes:
        features: float32 (n, d).
        guessed: the class it takes each for, int64 (n,); None where it knows none.
        labels: what each was to show, int32 (n,); None where there are no classes.
    """

    features: np.ndarray
    guessed: np.ndarray | None
    labels: np.ndarray | None

    @property
    def agreement(self) -> float | None:
        """The share of pictures that show their class, where that can be told."""
        if self.labels is None or self.guessed is None:
            return None
        return float(np.mean(self.guessed == self.labels))


def generate(
    evaluation: Evaluation, labels: np.ndarray | None, model: FeatureModel | None, kept: np.ndarray
) -> Seen | None:
    """Generate as many pictures as are to be judged.

    Args:
        evaluation: makes them.
        labels: what they are to show, int32 (count,); None where there are no classes.
        model: looks at all of them; None for none.
        kept: is filled with the first of them, float32 (n, size, size, channels) in [0, 1].

    Returns:
        What the model sees; None without one.
    """
    seeds = np.arange(evaluation.seed, evaluation.seed + evaluation.count)
    inputs = {"seed": seeds} if labels is None else {"seed": seeds, "labels": labels}
    features, guessed = [], []
    for start in range(0, evaluation.count, ROWS_AT_A_TIME):
        block = slice(start, start + ROWS_AT_A_TIME)
        images = evaluation.call("sample", {name: rows[block] for name, rows in inputs.items()})["images"]
        kept[block] = images[: max(len(kept) - start, 0)]
        if model is not None:
            seen, probabilities = model.both(images)
            features.append(seen)
            guessed += [] if probabilities is None else [probabilities.argmax(axis=1)]
    if model is None:
        return None
    return Seen(
        features=np.concatenate(features),
        guessed=np.concatenate(guessed) if guessed else None,
        labels=labels,
    )


def labels_like(real: np.ndarray, count: int, *, seed: int) -> np.ndarray:
    """Choose labels for generated pictures, in the frequencies of real ones.

    Args:
        real: labels of real pictures, (n,).
        count: how many to choose: each real one once before any of them again.
        seed: decides the choice.

    Returns:
        As many labels, in an order of chance: the first of them stand for all.
    """
    random = np.random.default_rng(seed)
    rounds = -(-count // len(real))
    return np.concatenate([random.permutation(real) for _ in range(rounds)])[:count]
