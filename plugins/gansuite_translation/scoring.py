"""How near translations come to what they should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gansuite.domain import Evaluation, Score
from gansuite.errors import ConfigError
from gansuite.metrics.perceptual import PerceptualDistance
from gansuite.metrics.psnr import psnr
from gansuite.metrics.ssim import ssim
from gansuite.models.squeezenet import SMALLEST
from gansuite_translation.config import Perceptual

#: Of evaluation's default count, no more pictures than these are held in memory.
MOST = 1000


def load_perceptual(settings: Perceptual, size: int) -> PerceptualDistance | None:
    """Read the network that perceptual distance is measured with; None where there is to be none.

    Raises:
        ConfigError: the pictures are too small for it.
        DataError: a file is missing or is not what it should be.
    """
    if settings.backbone is None:
        return None
    if size < SMALLEST:
        what = f"needs pictures of at least {SMALLEST} pixels; data.size is {size}"
        raise ConfigError(what, where="perceptual.backbone")
    return PerceptualDistance.load(settings.backbone, settings.heads)


def pair_scores(
    made: np.ndarray, targets: np.ndarray, perceptual: PerceptualDistance | None
) -> Sequence[Score]:
    """Compare translations with their partners: float32 (n, height, width, channels) in [0, 1] each."""
    of = f"of {len(made)} translations to their partners"
    scores = [
        Score(
            name="L1",
            value=float(np.abs(made - targets).mean()),
            reference=None,
            meaning=f"mean absolute difference {of}, in parts of the range; lower is nearer",
            better="lower",
        ),
        Score(
            name="PSNR",
            value=_mean(psnr, made, targets),
            reference=None,
            meaning=f"mean peak signal-to-noise ratio {of}, dB, all channels; higher is nearer",
            better="higher",
        ),
        Score(
            name="SSIM",
            value=_mean(ssim, made, targets),
            reference=None,
            meaning=f"mean structural similarity {of}, at most 1, all channels; higher is nearer",
            better="higher",
        ),
    ]
    if perceptual is not None:
        scores.append(perceptual_score(made, targets, perceptual, of))
    return scores


def perceptual_score(
    a: np.ndarray, b: np.ndarray, perceptual: PerceptualDistance, of: str, way: str = ""
) -> Score:
    """Return the mean perceptual distance of pairs: `of` and `way` say of which."""
    return Score(
        name=f"perceptual distance{way}",
        value=float(perceptual(a, b).mean()),
        reference=None,
        meaning=f"mean LPIPS-form distance {of} ({perceptual.name}); lower is nearer",
        better="lower",
    )


def _mean(measure: Callable[[np.ndarray, np.ndarray], float], made: np.ndarray, targets: np.ndarray) -> float:
    return float(np.mean([measure(a, b) for a, b in zip(made, targets, strict=True)]))


def first(evaluation: Evaluation) -> dict[str, np.ndarray]:
    """Return the held-out pictures to judge by, in [0, 1], as many as are asked for."""
    batch = evaluation.load("valid", min(evaluation.count, MOST))
    return {name: np.asarray((pictures + 1) / 2, np.float32) for name, pictures in batch.items()}
