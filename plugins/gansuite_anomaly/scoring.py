"""How well scores tell anomalous pictures from normal ones, beside the simplest method there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gansuite.domain import Arrays, Evaluation, Examples, Made, Score, Split
from gansuite.metrics.auroc import auroc, average_precision
from gansuite.metrics.sampling import load_some
from gansuite_anomaly.normality import ANOMALOUS
from gansuite_image.game import EXAMPLES

#: Of the reconstruction that is compared with.
COMPONENTS = 32
MOST_PICTURES = 10_000
FIGURES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "AUROC": auroc,
    "average precision": average_precision,
}


def anomaly_scores(evaluation: Evaluation) -> Sequence[Score]:
    """Measure held-out pictures of all kinds, by the run's scores and by a linear reconstruction's.

    Args:
        evaluation: of a run with an endpoint `score`, whose held-out examples have `anomalous`.
    """
    held_out = evaluation.load("valid", evaluation.count)
    pictures, anomalous = held_out[EXAMPLES], held_out[ANOMALOUS]
    own = evaluation.call("score", {"images": (pictures + 1) / 2})["score"]
    linear, count = evaluation.once("linear", lambda: _linear(evaluation, pictures))
    scores = []
    for name, figure in FIGURES.items():
        value = figure(own, anomalous)
        of_linear = f"the same of squared differences from {COMPONENTS} principal components of {count}"
        scores += [
            Score(
                name=name,
                value=value,
                reference=None,
                meaning=_undefined(anomalous) if np.isnan(value) else _meaning(name, anomalous),
                better="higher",
            ),
            Score(
                name=f"{name}, PCA",
                value=figure(linear, anomalous),
                reference=None,
                meaning=f"{of_linear} normal pictures",
            ),
        ]
    return scores


def _meaning(name: str, anomalous: np.ndarray) -> str:
    best = "0.5 for scores that say nothing" if name == "AUROC" else f"{np.mean(anomalous):.3f} by chance"
    whom = f"{int(np.sum(anomalous == 0))} normal and {int(np.sum(anomalous))} other held-out pictures"
    return f"at most 1, {best}; {whom}"


def _undefined(anomalous: np.ndarray) -> str:
    kind = "normal" if np.any(anomalous) else "anomalous"
    judged = f"undefined: no {kind} picture is among the {len(anomalous)} held-out ones that were judged"
    return f"{judged}; what lies in test/ beside train/ is held out"


def _linear(evaluation: Evaluation, pictures: np.ndarray) -> tuple[np.ndarray, int]:
    normal = evaluation.load("train", MOST_PICTURES)[EXAMPLES]
    return pca_scores(normal, pictures), len(normal)


def pca_scores(normal: np.ndarray, pictures: np.ndarray, components: int = COMPONENTS) -> np.ndarray:
    """Score pictures by what is left of them beside the principal components of normal ones.

    Args:
        normal: what to learn from, float (n, ...).
        pictures: what to score, float (m, ...).
        components: how many components, where there are as many.

    Returns:
        float (m,): squared differences, summed over each picture.
    """
    from sklearn.decomposition import PCA  # slow to import

    known, rows = normal.reshape(len(normal), -1), pictures.reshape(len(pictures), -1)
    pca = PCA(min(components, *known.shape), random_state=0).fit(known)
    made = pca.inverse_transform(pca.transform(rows))
    return np.asarray(np.square(rows - made).sum(axis=1))


@dataclass(frozen=True, kw_only=True)
class OfNormal:
    """A `gansuite.domain.Evaluation` whose examples are the normal ones only.

    Args:
        whole: the evaluation by all.
        normal: gives the normal examples of a split.
    """

    whole: Evaluation
    normal: Callable[[Split], Examples]

    @property
    def count(self) -> int:
        return self.whole.count

    @property
    def seed(self) -> int:
        return self.whole.seed

    def call(self, endpoint: str, inputs: Arrays) -> dict[str, np.ndarray]:
        return self.whole.call(endpoint, inputs)

    def examples(self, split: Split) -> Examples:
        return self.normal(split)

    def load(self, split: Split, limit: int | None = None) -> Any:
        return load_some(self.examples(split), limit, seed=self.seed)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        return self.whole.once(f"{name}, of normal ones", make)
