"""How good a run was when a checkpoint was written, and which of two figures can be compared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from gansuite.config import settings_of, to_mapping
from gansuite.reporting.records import flattened

#: Tables of settings that no figure depends on, though they may change while a run goes on.
_ELSEWHERE = ("training.", "output.")


@dataclass(frozen=True, kw_only=True)
class Merit:
    """How good a run was when a checkpoint was written.

    Attributes:
        score: name of what was measured.
        value: what it was.
        distance: from the best there could be: less is better.
        by: of `judged_by`: those of two ways to measure cannot be compared.
    """

    score: str
    value: float
    distance: float
    by: str = ""


def judged_by(config: Any) -> str:
    """Return a hash of what a score depends on, beside the networks, that may change while a run goes on."""
    free = tuple(one.path for one in settings_of(type(config)) if one.rule.may_change)
    values = {
        path: value
        for path, value in flattened(to_mapping(config))
        if _is_within(path, free) and not path.startswith(_ELSEWHERE)
    }
    values["training.evaluate_count"] = str(config.training.evaluate_count)
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _is_within(path: str, settings: tuple[str, ...]) -> bool:
    """Whether a flattened path is of one of some settings, or of a table or an array among them."""
    return any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in settings)
