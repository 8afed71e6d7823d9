"""What came out of checking a plugin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out of one check.

    Attributes:
        check: its name.
        promise: what has to hold.
        problem: why it does not; None where it does.
        expected: why it was expected to fail; None where it was not.
        seconds: how long it took.
    """

    check: str
    promise: str
    problem: str | None = None
    expected: str | None = None
    seconds: float = 0.0

    @property
    def failure(self) -> str | None:
        """What is not as it should be: a problem nobody expected, or an expected one that is gone."""
        if self.expected is None:
            return self.problem
        if self.problem is None:
            return f"holds, though it was expected to fail: {self.expected}"
        return None

    @property
    def state(self) -> str:
        """Either ``holds``, ``fails``, ``fails as expected`` or ``holds unexpectedly``."""
        if self.problem is None:
            return "holds" if self.expected is None else "holds unexpectedly"
        return "fails" if self.expected is None else "fails as expected"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came out of checking a plugin.

    Attributes:
        plugin: its name.
        outcomes: one for each check that was tried.
        untried: names of the checks that were not, because what they need is broken.
    """

    plugin: str
    outcomes: Sequence[Outcome]
    untried: Sequence[str] = ()

    @property
    def problems(self) -> list[str]:
        """What is not as it should be, a line for each check; a plugin that conforms has none."""
        return [f"{one.check}: {one.failure}" for one in self.outcomes if one.failure is not None]

    @property
    def summary(self) -> str:
        """How many checks there were, and what came out of them."""
        held = sum(one.problem is None for one in self.outcomes)
        said = f"{held} of {len(self.outcomes)} checks of {self.plugin} hold"
        expected = sum(one.state == "fails as expected" for one in self.outcomes)
        parts = [f"{expected} expected to fail"] if expected else []
        parts += [f"{len(self.untried)} not tried"] if self.untried else []
        return ", ".join([said, *parts])
