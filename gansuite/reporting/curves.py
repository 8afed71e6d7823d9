"""Points of a curve: made few enough to draw, smoothed, and laid between round numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
#: Values that differ by no more than this share of them are the same to an axis, which could not name them.
FLAT = 1e-9


def thinned(points: Sequence[Point], limit: int) -> list[Point]:
    """Keep at most `limit` points, the lowest and the highest of each stretch, so that no peak is lost.

    Args:
        points: (x, y) with x ascending; y may be NaN or infinite.
        limit: at least 2.
    """
    if len(points) <= limit:
        return list(points)
    stretches = limit // 2
    kept: list[Point] = []
    for stretch in range(stretches):
        part = points[stretch * len(points) // stretches : (stretch + 1) * len(points) // stretches]
        finite = [point for point in part if math.isfinite(point[1])] or part[:1]
        ends = {min(finite, key=lambda point: point[1]), max(finite, key=lambda point: point[1])}
        kept.extend(sorted(ends))
    return kept


def smoothed(points: Sequence[Point], window: float) -> list[Point]:
    """Average each point with those before it, weighing a point `window` before it 1/e.

    Points that are not finite are left out. The first values are corrected for having few before them.
    """
    keep = math.exp(-1 / window)
    total = weight = 0.0
    means = []
    for x, y in points:
        if math.isfinite(y):
            total = keep * total + y
            weight = keep * weight + 1
            means.append((x, total / weight))
    return means


def unbroken(points: Sequence[Point]) -> list[list[Point]]:
    """Cut a curve where it is not finite."""
    pieces: list[list[Point]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            pieces[-1].append(point)
        else:
            pieces.append([])
    return [piece for piece in pieces if piece]


def span(values: Sequence[float]) -> tuple[float, float]:
    """Choose what an axis shows: all values and a margin, but for a farthest 1 % that would flatten the rest.

    Args:
        values: finite, at least one.

    Returns:
        (low, high), low < high.
    """
    ordered = sorted(values)
    few = len(ordered) // 100
    inner_low, inner_high = ordered[few], ordered[-1 - few]
    room = 2 * (inner_high - inner_low)
    low, high = ordered[0], ordered[-1]
    if room > 0:
        low = low if inner_low - low <= room else inner_low
        high = high if high - inner_high <= room else inner_high
    largest = max(abs(low), abs(high))
    flat = high - low <= FLAT * largest
    margin = (largest / 10 or 1.0) if flat else 0.06 * (high - low)
    return low - margin, high + margin


def ticks(low: float, high: float, count: int) -> list[float]:
    """Return round numbers (1, 2 or 5 times a power of ten apart) in [low, high], about `count` of them."""
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    gap = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(low / gap - 1e-9), math.floor(high / gap + 1e-9)
    return [index * gap for index in range(first, last + 1)]


def tick_labels(values: Sequence[float]) -> list[str]:
    """Write ticks alike and short: 0.25, 0.50; 10k, 20k."""
    largest = max((abs(value) for value in values), default=0.0)
    divisor, unit = next(
        ((size, sign) for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if largest >= 10 * size),
        (1.0, ""),
    )
    gap = min((b - a for a, b in pairwise(values)), default=1.0) / divisor
    if largest < 1e-3:
        return [f"{value:.2g}" for value in values]
    decimals = max(0, -math.floor(math.log10(gap) + 1e-9))
    return [f"{value / divisor:.{decimals}f}{unit if value else ''}" for value in values]
