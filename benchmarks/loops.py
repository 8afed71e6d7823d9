"""The shared loop under measurement: a domain as the command line makes it, its steps, and a clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import tensorflow as tf

from gansuite.composition import Request, compose, data_layer
from gansuite.config import Layer
from gansuite.data.cards import cards
from gansuite.deterministic import keep_order
from gansuite.domain import Domain, Examples
from gansuite.game import Phase
from gansuite.registry import load
from gansuite.training.compiled import CompiledPhase
from gansuite.training.state import State, build_state
from gansuite.training.stream import distributed_stream

#: As long as one call of the loop takes in a real run (`gansuite.training.trainer`).
SECONDS_PER_CALL = 0.5


def make_domain(
    plugin: str, *, data: str | None = None, card: str | None = None, settings: Sequence[str] = ()
) -> Domain:
    """Make a plugin's domain with the settings that `gansuite train` would give it.

    Args:
        plugin: its name.
        data: as of `--data`; None for the plugin's default.
        card: a data set whose settings are meant where `data` is a path to it.
        settings: as of `--set`.
    """
    announced = load(plugin)
    flags = [] if data is None else [data_layer(announced, data)]
    if card is not None:
        flags.append(Layer(f"data set {card}", cards()[card].settings[plugin]))
    domain = announced.build_domain(compose(announced, Request(assignments=settings, flags=flags)))
    if not isinstance(domain, Domain):
        raise TypeError(f"{plugin} is no domain")
    return domain


@dataclass(frozen=True, kw_only=True)
class Loop:
    """The real state of a run and one phase's compiled steps, on one device."""

    domain: Domain
    examples: Examples
    state: State
    phase: Phase
    compiled: CompiledPhase

    @classmethod
    def of(cls, domain: Domain, phase: int = 0) -> Loop:
        """Build what `gansuite train` builds before its first step; of the phases, play this one."""
        keep_order()
        examples = domain.examples("train")
        state = build_state(domain, domain.config.training, tf.distribute.get_strategy(), examples)
        played, _, _, compiled = state.phases[phase]
        return cls(domain=domain, examples=examples, state=state, phase=played, compiled=compiled)

    @property
    def rounds(self) -> int:
        return self.phase.rounds

    @property
    def batch_size(self) -> int:
        return int(self.domain.config.training.batch_size)

    def stream(self) -> Iterator[Any]:
        """Begin the stream of examples that training reads."""
        training = self.domain.config.training
        return iter(distributed_stream(tf.distribute.get_strategy(), self.examples, training, first_batch=0))

    def run(self, batches: Iterator[Any], steps: int) -> None:
        """Play some steps in one call.

        Raises:
            ArithmeticError: a loss became infinite or not a number.
        """
        if not self.compiled.run(batches, steps):
            raise ArithmeticError("the networks diverged: nothing that is measured after this means anything")


def constant(batch: Any) -> Iterator[Any]:
    """Return an iterator that gives one batch in memory again and again."""
    return iter(tf.data.Dataset.from_tensors(batch).repeat())


def steps_per_call(run: Callable[[int], None], seconds: float = SECONDS_PER_CALL) -> int:
    """Return how many steps take about as long as one call of a real run; compiles `run` on the way."""
    run(1)
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        run(2)
        took.append((time.perf_counter() - begun) / 2)
        if took[0] > seconds:
            break
    return max(1, round(seconds / min(took)))


@dataclass(frozen=True, kw_only=True)
class Times:
    """How long some calls took, in seconds: by the clock, and of this process on all cores together."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def alternate(runs: Mapping[str, Callable[[], None]], rounds: int) -> dict[str, Times]:
    """Time some functions in turn, every second time in the opposite order: times by name.

    What disturbs the machine for longer than a call disturbs both; compare those of one round.
    """
    times = {name: Times() for name in runs}
    for number in range(rounds):
        for name in list(runs)[:: -1 if number % 2 else 1]:
            wall, processor = time.perf_counter(), time.process_time()
            runs[name]()
            times[name].processor.append(time.process_time() - processor)
            times[name].wall.append(time.perf_counter() - wall)
    return times


def ratios(of: Sequence[float], to: Sequence[float]) -> list[float]:
    """Return the ratio of each round."""
    return [a / b for a, b in zip(of, to, strict=True)]


def milliseconds(seconds: Sequence[float], steps: int) -> float:
    """Return the median of some calls in milliseconds a step."""
    return round(1000 * median(seconds) / steps, 2)
