"""What a run directory tells about its run."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A line of metrics.jsonl; a figure that is missing or was not finite is NaN.

    `seconds` and `compiling` are of the sitting, which began after the step `begun`.
    """

    step: int
    phase: str
    seconds: float
    compiling: float
    examples_seen: float
    examples_per_second: float
    terms: Mapping[str, float]
    memory: float
    begun: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """A figure of evaluation.json; NaN where it is undefined, None where there is no reference."""

    name: str
    value: float
    reference: float | None
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What evaluation.json tells: of which step, what was judged against which data, and the figures."""

    step: int | None
    facts: Sequence[str]
    scores: Sequence[ScoreRow]


def read_rows(file: Path) -> list[Row]:
    """Read metrics.jsonl; what is not a whole row, as while one is being written, is left out."""
    return list(_rows(file, _row))


def trained_for(rows: Sequence[Row]) -> float:
    """Return the seconds of all sittings; each counts from its own start."""
    counted = [row for row in rows if math.isfinite(row.seconds)]
    ends = [
        before.seconds
        for before, after in pairwise(counted)
        if after.seconds < before.seconds or before.begun != after.begun
    ]
    return sum(ends) + sum(row.seconds for row in counted[-1:])


def read_scores(file: Path) -> list[tuple[int, Mapping[str, float]]]:
    """Read scores.jsonl: (step, value by score) of each evaluation; what is not a whole row is left out."""

    def evaluation(row: Any) -> tuple[int, Mapping[str, float]]:
        return int(row["step"]), {str(name): number(one["value"]) for name, one in row["scores"].items()}

    return list(_rows(file, evaluation))


def read_evaluation(file: Path) -> Evaluation:
    """Read evaluation.json; without scores where it is missing or damaged."""
    content = _json(file)
    if not isinstance(content, Mapping):
        return Evaluation(step=None, facts=(), scores=())
    facts = [
        text.format(content[key])
        for key, text in (("step", "step {:,}"), ("count", "at most {:,} outputs"), ("data", "data: {}"))
        if isinstance(content.get(key), int if key != "data" else str)
    ]
    step = content.get("step")
    known = step if isinstance(step, int) else None
    return Evaluation(step=known, facts=facts, scores=_scores(content.get("scores")))


def _scores(entries: Any) -> list[ScoreRow]:
    return [
        ScoreRow(
            name=str(entry["name"]),
            value=number(entry.get("value")),
            reference=None if entry.get("reference") is None else number(entry["reference"]),
            meaning=str(entry.get("meaning", "")),
        )
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, Mapping) and "name" in entry
    ]


def read_settings(file: Path) -> dict[str, Any]:
    """Read config.toml as nested tables; empty where it is missing or damaged."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def read_environment(file: Path) -> dict[str, Any]:
    """Read environment.json; empty where it is missing or damaged."""
    content = _json(file)
    return content if isinstance(content, dict) else {}


def flattened(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Walk nested tables, and arrays of them, as (dotted path, value as text)."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{key}.")
        elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            for number, one in enumerate(value):
                yield from flattened(one, f"{prefix}{key}[{number}].")
        else:
            yield f"{prefix}{key}", value if isinstance(value, str) else json.dumps(value, default=str)


def number(value: Any) -> float:
    """Return a JSON number as a float; NaN for null and for what is no number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def _row(row: Any) -> Row:
    return Row(
        step=int(row["step"]),
        phase=str(row["phase"]),
        seconds=number(row.get("seconds")),
        compiling=number(row.get("compiling", 0)),
        examples_seen=number(row.get("examples_seen")),
        examples_per_second=number(row.get("examples_per_second")),
        terms={str(name): number(value) for name, value in row["terms"].items()},
        memory=number(row.get("memory")),
        begun=number(row.get("begun", 0)),
    )


def _rows(file: Path, make: Callable[[Any], Made]) -> Iterator[Made]:
    """Make something of each line of JSON; of none where the file is missing."""
    if not file.exists():
        return
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                yield make(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                continue


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
