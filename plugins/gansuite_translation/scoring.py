"""How near translations come to what they should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gansuite.data.images.ranges import to_people
from gansuite.domain import Arrays, Evaluation, Examples, Score
from gansuite.errors import ConfigError
from gansuite.metrics.perceptual import PerceptualDistance
from gansuite.metrics.psnr import mean_psnr, psnr
from gansuite.metrics.sampling import blocks
from gansuite.metrics.ssim import ssim
from gansuite.models.squeezenet import SMALLEST
from gansuite_translation.config import Perceptual

#: Of each side, no more pictures than these are in memory at a time, and no more pixels than these (but one
#: picture always): sixteen of 256 × 256. What a network makes of them on the way takes many times as much.
ROWS = 64
PIXELS = 1 << 20


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


def in_blocks(
    examples: Examples, evaluation: Evaluation, size: int, measure: Callable[[dict[str, np.ndarray]], Arrays]
) -> dict[str, np.ndarray]:
    """Measure the pictures to judge by, some at a time: memory does not grow with their number.

    Args:
        examples: the pictures.
        evaluation: says how many of them.
        size: height and width of the pictures.
        measure: makes figures, (n,) by name, of what the examples have by name, float32 (n, height, width,
            channels) in [0, 1].

    Returns:
        The figures of all.
    """
    rows = min(ROWS, max(PIXELS // size**2, 1))
    chosen = blocks(examples, evaluation.count, seed=evaluation.seed, rows=rows)
    parts = [measure({name: to_people(some) for name, some in block.items()}) for block in chosen]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def pair_figures(
    made: np.ndarray, targets: np.ndarray, perceptual: PerceptualDistance | None
) -> dict[str, np.ndarray]:
    """Measure each translation beside its partner.

    Args:
        made, targets: float32 (n, height, width, channels) in [0, 1].
        perceptual: measures as well, where there is one.

    Returns:
        (n,) by the score's name.
    """
    pairs = [*zip(made, targets, strict=True)]
    return {
        **distances(made, targets, perceptual),
        "PSNR": np.array([psnr(a, b) for a, b in pairs]),
        "SSIM": np.array([ssim(a, b) for a, b in pairs]),
    }


def scores_of_pairs(figures: Arrays, perceptual: PerceptualDistance | None) -> Sequence[Score]:
    """Return the means of what `pair_figures` measured with `perceptual`."""
    of = f"of {len(figures['L1'])} translations to their partners"
    l1, *perceived = distance_scores(figures, perceptual, of)
    ratio, left_out = mean_psnr(figures["PSNR"])
    return [
        l1,
        Score(
            name="PSNR",
            value=ratio,
            reference=None,
            meaning=f"mean peak signal-to-noise ratio {of}, dB, all channels{left_out}; higher is nearer",
            better="higher",
        ),
        Score(
            name="SSIM",
            value=float(np.mean(figures["SSIM"])),
            reference=None,
            meaning=f"mean structural similarity {of}, at most 1, all channels; higher is nearer",
            better="higher",
        ),
        *perceived,
    ]


def distances(
    a: np.ndarray, b: np.ndarray, perceptual: PerceptualDistance | None, way: str = ""
) -> dict[str, np.ndarray]:
    """Measure how far apart pictures are, pair by pair, as `pair_figures` does: `way` says of which pairs."""
    figures = {f"L1{way}": np.abs(a - b).mean(axis=(1, 2, 3), dtype=np.float64)}
    if perceptual is not None:
        figures[f"perceptual distance{way}"] = perceptual(a, b)
    return figures


def distance_scores(
    figures: Arrays, perceptual: PerceptualDistance | None, of: str, way: str = ""
) -> list[Score]:
    """Return the means of what `distances` measured with `perceptual`: `of` and `way` say of which pairs."""
    meanings = {f"L1{way}": f"mean absolute difference {of}, in parts of the range; lower is nearer"}
    if perceptual is not None:
        meaning = f"mean LPIPS-form distance {of} ({perceptual.name}); lower is nearer"
        meanings[f"perceptual distance{way}"] = meaning
    return [
        Score(
            name=name,
            value=float(np.mean(figures[name], dtype=np.float64)),
            reference=None,
            meaning=meaning,
            better="lower",
        )
        for name, meaning in meanings.items()
    ]
