"""Points in the plane: a game that can be looked at whole."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw

from gansuite.data.cache import Cache, CacheWriter, prepare
from gansuite.data.cards import Card, locate
from gansuite.data.examples import CachedExamples
from gansuite.data.fingerprint import fingerprint
from gansuite.data.images.names import share_split
from gansuite.data.images.npz import array_shapes
from gansuite.data.placing import place
from gansuite.domain import Evaluation, Score, Split
from gansuite.errors import DataError
from gansuite_image.config import ImageData
from gansuite_image.game import EXAMPLES

VERSION = 1
MOST = 10_000_000
#: Arrays that may stand beside the points.
KNOWN = ("modes", "deviation")
#: The ring of Metz et al. 2017, arXiv:1611.02163, appendix A.
MODES = 8
RADIUS = 2.0
DEVIATION = 0.02
COUNT = 50_000
#: Of the drawing: its side in pixels, and how much of the plane is beyond the outermost point.
SIDE = 512
MARGIN = 1.2


class Points:
    """Points of an npz file; a `gansuite_image.material.Material`.

    The file has `points`, float (n, 2), and may have `modes`, float (m, 2), and `deviation`: the centres of
    equal normal distributions that the points are drawn from.

    Args:
        data: the settings.
    """

    name = "points"
    meaning = "points in the plane, x and y"

    def __init__(self, data: ImageData) -> None:
        self._data = data

    @cached_property
    def cache(self) -> Cache:
        """The points, divided into splits."""
        path, share = locate(self._data.source), self._data.valid_share
        key = {"version": VERSION, "files": fingerprint(path), "valid_share": share}
        return prepare("points", key, lambda writer: _write_cache(writer, path, share))

    def examples(self, split: Split) -> CachedExamples:
        """`examples`, float32 (2,)."""
        what = f"points in the {split} part of {self._data.source}"
        return CachedExamples({EXAMPLES: self.cache.arrays[split]}, lambda rows, _: dict(rows), what=what)

    def shown(self, examples: tf.Tensor) -> tf.Tensor:
        """Return points as they are."""
        return tf.identity(examples)

    def render(self, made: np.ndarray, folder: Path, names: Sequence[str]) -> list[Path]:
        """Draw points, float32 (n, 2), on `points.png`, and write them to `points.csv`."""
        picture, table = folder / "points.png", folder / "points.csv"
        draw(made).save(picture)
        lines = [f"{name},{x:.6g},{y:.6g}" for name, (x, y) in zip(names, made, strict=True)]
        table.write_text("\n".join(["name,x,y", *lines]) + "\n", "utf-8")
        return [picture, table]

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        """Count the modes that are hit, where the file says which there are."""
        if "modes" not in self.cache.arrays:
            return ()
        seeds = np.arange(evaluation.seed, evaluation.seed + evaluation.count)
        made = evaluation.call("sample", {"seed": seeds})[self.name]
        kept = evaluation.load("valid", evaluation.count)[EXAMPLES]
        modes = self.cache.arrays["modes"]
        centres = modes.read(np.arange(len(modes)))
        deviation = float(self.cache.info["deviation"])
        found, near = modes_hit(made, centres, deviation)
        reference, held_out = modes_hit(kept, centres, deviation)
        return (
            Score(
                name="modes",
                value=found,
                reference=reference,
                meaning=f"how many of {len(centres)} have 1 % of {len(made)} points within 3 deviations",
                better="higher",
            ),
            Score(
                name="points within 3 deviations",
                value=near,
                reference=held_out,
                meaning=f"share of {len(made)} points so near to a mode; 0.989 for the data's distribution",
                better="higher",
            ),
        )

    def describe(self) -> Mapping[str, Any]:
        """Say what was read."""
        return {"points": dict(self.cache.info)}


def modes_hit(points: np.ndarray, modes: np.ndarray, deviation: float) -> tuple[int, float]:
    """Count modes that points fall on.

    Args:
        points: (n, 2).
        modes: (m, 2).
        deviation: of each mode.

    Returns:
        How many modes have at least 1 % of the points within 3 deviations, and the share of points that are
        so near to any.
    """
    distances = np.linalg.norm(points[:, None] - modes[None], axis=-1)
    near = distances.min(axis=1) <= 3 * deviation
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(modes))
    return int(np.sum(counts >= max(1, 0.01 * len(points)))), float(near.mean())


def draw(points: np.ndarray) -> Image.Image:
    """Draw points, (n, 2), on white, the origin in the middle."""
    finite = points[np.isfinite(points).all(axis=1)]
    reach = MARGIN * max(float(np.abs(finite).max(initial=0)), 1e-6)
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    pen = ImageDraw.Draw(picture)
    for x, y in (finite / reach * [1, -1] + 1) * SIDE / 2:
        pen.ellipse([x - 1.5, y - 1.5, x + 1.5, y + 1.5], fill=(30, 80, 160))
    return picture


def write_ring(card: Card, source: Path | None) -> Path:
    """Write `ring.npz`: points of eight normal distributions on a circle; the loader of the card `ring`.

    Raises:
        DataError: a source is given: there is nothing to fetch.
    """
    if source is not None:
        raise DataError("is computed: --from has no use here", where=f"data set {card.name}")
    return place(card, _write_ring) / "ring.npz"


def _write_ring(folder: Path) -> None:
    angles = 2 * np.pi * np.arange(MODES) / MODES
    modes = RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    random = np.random.default_rng(0)
    points = modes[random.integers(MODES, size=COUNT)] + DEVIATION * random.normal(size=(COUNT, 2))
    np.savez(
        folder / "ring.npz",
        points=points.astype(np.float32),
        modes=modes.astype(np.float32),
        deviation=np.float32(DEVIATION),
    )


def _write_cache(writer: CacheWriter, path: Path, valid_share: float) -> None:
    arrays = _read(path)
    points = arrays["points"]
    held_out = np.array([share_split(str(row), valid_share) == "valid" for row in range(len(points))])
    writer.append("train", points[~held_out])
    writer.append("valid", points[held_out])
    writer.info.update(train=int((~held_out).sum()), valid=int(held_out.sum()))
    if "modes" in arrays and "deviation" in arrays:
        writer.append("modes", arrays["modes"])
        writer.info["deviation"] = arrays["deviation"].item()


def _read(path: Path) -> dict[str, np.ndarray]:
    hint = (
        "Points are an array `points`, float (n, 2), in an npz file; `modes`, float (m, 2), and `deviation`, "
        "a number, may stand beside it."
    )
    shapes = {name: shape for name, shape in array_shapes(path).items() if name in ("points", *KNOWN)}
    if not _are_points(shapes.get("points", ())):
        raise DataError("has no points", where=str(path), hint=hint)
    if not (_are_points(shapes.get("modes", (1, 2))) and math.prod(shapes.get("deviation", ())) == 1):
        raise DataError("has modes, or a deviation, of another shape", where=str(path), hint=hint)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name].astype(np.float32) for name in shapes}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"is no npz file of numbers ({error})", where=str(path), hint=hint) from error
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise DataError("has points that are not finite", where=str(path), hint=hint)
    return arrays


def _are_points(shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 and shape[1] == 2 and 0 < shape[0] <= MOST
