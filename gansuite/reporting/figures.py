"""How figures are written for people who watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gansuite.domain import Score


def figure(value: float) -> str:
    """Write a number with three significant digits: 0.123, 12.3, 4.56e-05."""
    return f"{value:.3g}"


def listed(terms: Mapping[str, float], limit: int | None = None) -> str:
    """Write the first terms in one line: "critic/wasserstein -1.23  generator/adversarial 0.456"."""
    return "  ".join(f"{name} {figure(value)}" for name, value in list(terms.items())[:limit])


def judged(step: int, scores: Sequence[Score]) -> str:
    """Write the figures of an evaluation in one line: "step 500 evaluated: FID 12.3  KID 0.0456"."""
    return f"step {step} evaluated: {listed({score.name: score.value for score in scores})}"


def duration(seconds: float) -> str:
    """Write a time for people: "8 s", "3 min 05 s", "2 h 10 min"."""
    whole = round(max(seconds, 0))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
