"""What is found out about something that is installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gansuite.distributions import editable


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """How something is that a distribution brings.

    Attributes:
        what: a word for its kind: plugin, command, loss, metric or data set.
        name: what it is called.
        distribution: what it was installed with.
        problem: what is wrong with it; None where it can be used.
        remedy: what to do about it.
        seconds: of computing that importing took, by stage: announcement, settings, domain; or import.
        clock: the same by the clock, with what it waited.
    """

    what: str = "plugin"
    name: str
    distribution: str
    problem: str | None
    remedy: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    clock: Mapping[str, float] = field(default_factory=dict)


def update(distribution: str) -> str:
    """What to do where a distribution is broken."""
    folder = editable(distribution)
    if folder is not None:
        return f"Mend it where that is said to be: it is installed editable, from {folder}."
    return f"pip install --upgrade {distribution}, or pip uninstall {distribution}"
