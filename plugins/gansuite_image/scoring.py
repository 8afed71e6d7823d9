"""Cheap figures of quality for pictures, without a trained feature network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from gansuite.domain import Evaluation, Score

COMPONENTS = 32
MOST_PICTURES = 10_000
#: Two pictures are taken to be the same below this root mean square difference, in parts of the range.
SAME = 0.02


def image_scores(evaluation: Evaluation) -> Sequence[Score]:
    """Judge generated pictures beside the held-out ones."""
    seeds = np.arange(evaluation.seed, evaluation.seed + evaluation.count)
    fake = _rows(evaluation.call("sample", {"seed": seeds})["images"])
    train = _rows(_unit(evaluation.load("train", MOST_PICTURES)["images"]))
    held_out = _rows(_unit(evaluation.load("valid", MOST_PICTURES)["images"]))
    # The distance of two samples grows as they shrink: both sides of the comparison get the same number.
    equal = min(len(fake), len(held_out))
    pca = PCA(min(COMPONENTS, *train.shape), svd_solver="full").fit(train)
    known, made, kept = (pca.transform(rows) for rows in (train, fake[:equal], held_out[:equal]))
    return (
        Score(
            name="pixel PCA Fréchet distance",
            value=frechet_distance(known, made),
            reference=frechet_distance(known, kept),
            meaning=f"of {equal} generated to {len(train)} training pictures, in the first "
            f"{pca.n_components_} principal components of the training pixels; lower is better; no FID: it "
            f"does not see what a picture shows; reference: {equal} held-out pictures",
        ),
        Score(
            name="duplicates",
            value=duplicate_share(fake),
            reference=duplicate_share(held_out),
            meaning=f"share of {len(fake)} generated pictures that equal another one "
            f"(root mean square difference below {SAME} of the range); reference: held-out pictures",
        ),
    )


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the squared Fréchet distance of the normal distributions fitted to two sets of features.

    Args:
        a, b: features, (n, d); NaN is returned where a set has fewer than 2 rows.

    Returns:
        |μₐ − μᵦ|² + tr(Σₐ + Σᵦ − 2 (Σₐ Σᵦ)^½), at least 0.

    Source: Dowson and Landau 1982, doi:10.1016/0047-259X(82)90077-X.
    """
    if min(len(a), len(b)) < 2:
        return float("nan")
    a, b = a.astype(np.float64), b.astype(np.float64)
    covariances = [np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (a, b)]
    # The eigenvalues of the product of two covariances are not negative; rounding may say otherwise.
    product = np.linalg.eigvals(covariances[0] @ covariances[1]).real.clip(min=0)
    means = np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2)
    return float(max(0.0, means + sum(map(np.trace, covariances)) - 2 * np.sqrt(product).sum()))


def duplicate_share(pictures: np.ndarray) -> float:
    """Return the share of pictures, (n, pixels) in [0, 1], that equal another one among them."""
    if len(pictures) < 2:
        return float("nan")
    distances, _ = NearestNeighbors(n_neighbors=2).fit(pictures).kneighbors(pictures)
    return float(np.mean(distances[:, 1] < SAME * np.sqrt(pictures.shape[1])))


def _unit(images: np.ndarray) -> np.ndarray:
    return np.asarray((images + 1) / 2)


def _rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float32)
