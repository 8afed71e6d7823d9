"""How near enlarged pictures come to the photographs they should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from gansuite.data.cards import locate
from gansuite.data.images.bicubic import enlarge
from gansuite.data.progress import note
from gansuite.domain import Evaluation, Score
from gansuite.errors import DataError
from gansuite.metrics.luma import luma
from gansuite.metrics.psnr import mean_psnr, psnr
from gansuite.metrics.ssim import WINDOW, ssim
from gansuite_superres.config import Data
from gansuite_superres.photographs import find, read_usable
from gansuite_superres.tiling import enlarge_in_pieces

METRICS = {"PSNR": psnr, "SSIM": ssim}
MEASURED = {
    "PSNR": "decibels, higher is better",
    "SSIM": "at most 1, higher is better",
}


def likeness_scores(evaluation: Evaluation, data: Data, reach: int) -> Sequence[Score]:
    """Measure the held-out photographs, whole, beside their bicubic enlargements.

    Raises:
        DataError: there is none that can be measured.
    """

    def upscale(pictures: np.ndarray) -> np.ndarray:
        return evaluation.call("upscale", {"images": pictures})["images"]

    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in METRICS}
    for high, low in held_out(data, evaluation.count):
        made = enlarge_in_pieces(low, upscale, scale=data.scale, reach=reach)
        figures = [likeness(high, picture, data.scale) for picture in (made, enlarge(low, data.scale))]
        for name, values in measured.items():
            values.append((figures[0][name], figures[1][name]))
    count = len(measured["PSNR"])
    over = f"mean over {count} held-out photographs enlarged {data.scale} times"
    where = f"brightness as MATLAB's, {data.scale} pixels at each edge left out"
    return [score for name, values in measured.items() for score in _scores(name, values, over, where)]


def likeness(high: np.ndarray, made: np.ndarray, scale: int) -> Mapping[str, float]:
    """Measure PSNR and SSIM as super-resolution is judged: brightness, without `scale` pixels at each edge.

    Args:
        high, made: uint8 (height, width, 3).
        scale: how many times it was enlarged.
    """
    a, b = (luma(picture, peak=255) for picture in (high, made))
    return {name: metric(a, b, peak=255, border=scale) for name, metric in METRICS.items()}


def held_out(data: Data, count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Read held-out photographs, whole, with their small pictures.

    Raises:
        DataError: there is none that can be measured.
    """
    path = locate(data.source)
    photographs = [one for one in find(path, data.valid_share) if one.split == "valid"]
    skipped: list[tuple[str, str]] = []
    smallest = WINDOW + 2 * data.scale
    done = 0
    for one, pair in islice(read_usable(photographs, data.scale, skipped), count):
        if min(pair.high.shape[:2]) < smallest:
            skipped.append((one.name, f"is smaller than {smallest} × {smallest}"))
            continue
        done += 1
        yield pair.high, pair.low
    for name, reason in skipped:
        note(f"left out: {name} {reason}")
    if not done:
        what = "there is no held-out photograph to measure"
        hint = "Hold some out when training, with data.valid_share, or measure other --data."
        raise DataError(what, where=str(path), hint=hint)


def _scores(name: str, values: Sequence[tuple[float, float]], over: str, where: str) -> Iterator[Score]:
    (own, of_own), (bicubic, of_bicubic) = (_mean(name, column) for column in zip(*values, strict=True))
    yield Score(
        name=name,
        value=own,
        reference=None,
        meaning=f"{MEASURED[name]}; {over}{of_own}; {where}",
        better="higher",
    )
    yield Score(
        name=f"{name}, bicubic",
        value=bicubic,
        reference=None,
        meaning=f"the same of bicubic enlargements{of_bicubic}",
    )


def _mean(name: str, figures: Sequence[float]) -> tuple[float, str]:
    return mean_psnr(figures) if name == "PSNR" else (float(np.mean(figures)), "")
