"""How networks play: phases of players, each moving some networks against a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from gansuite.errors import ConfigError, PluginError
from gansuite.noise import Noise
from gansuite.settings import Optimizer

Networks = Mapping[str, keras.Model]
Terms = Mapping[str, tf.Tensor]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one player sees in one round.

    Args:
        networks: every network of the domain, by name.
        batch: this replica's rows of the global batch, as `Examples.load` gave them; in a float64 run
            floats are float64, as noise and networks are.
        noise: noise for the same rows; independent between steps, players and rounds.
        step: int64 scalar, the step being played, counted from 0.
    """

    networks: Networks
    batch: Any
    noise: Noise
    step: tf.Tensor


@dataclass(frozen=True, kw_only=True)
class Player:
    """Moves some networks against a loss.

    Args:
        name: what it is called in the metrics.
        trains: names of the networks whose trainable weights it moves.
        loss: pure function of a `Turn`; named scalars of a float type, each a mean over the local batch. All
            players of a phase have 64 of them at most. Its sums and gradients are those of
            `gansuite.deterministic`, or its runs differ in their last digits.
        optimizer: how it moves.
        rounds: how often it moves in one step, each time on another batch.
        weights: factor of a term in the sum that is minimised; 1 where a term is not named here. What the
            loss does not return has a factor of 0, or is not named.

    Raises:
        PluginError: it trains nothing, or has less than one round.
    """

    name: str
    trains: tuple[str, ...]
    loss: Callable[[Turn], Terms]
    optimizer: Optimizer
    rounds: int = 1
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.trains:
            raise PluginError(
                "trains nothing",
                where=f"player {self.name}",
                hint="Name the networks that it moves in `trains`, or leave the player out.",
            )
        if self.rounds < 1:
            raise PluginError(
                f"has {self.rounds} rounds",
                where=f"player {self.name}",
                hint="A player moves at least once in a step; leave it out of a phase in which it does not.",
            )


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of training with the same players.

    Args:
        name: what it is called in the metrics.
        players: they move in this order.
        steps: how long it lasts; None, of the last one, for what the others leave of the run.

    Raises:
        PluginError: nobody plays, two players have one name, or it lasts less than no step.
    """

    name: str
    players: tuple[Player, ...]
    steps: int | None = None

    def __post_init__(self) -> None:
        where = f"phase {self.name}"
        if not self.players:
            raise PluginError("has no players", where=where, hint="Give it one, or leave the phase out.")
        names = [player.name for player in self.players]
        for name in names:
            if names.count(name) > 1:
                raise PluginError(
                    f"two players are called {name}",
                    where=where,
                    hint="Metrics and checkpoints know a player by its name: give each its own.",
                )
        if self.steps is not None and self.steps < 0:
            raise PluginError(
                f"has {self.steps} steps",
                where=where,
                hint="Give a number of at least 0, or None for what the other phases leave.",
            )

    @property
    def rounds(self) -> int:
        """How many batches one step of this phase draws."""
        return max(player.rounds for player in self.players)


def spans(phases: Sequence[Phase], steps: int) -> list[tuple[Phase, int, int]]:
    """Lay phases over a run: (phase, its first step, the step after its last).

    A run shorter than its phases stops inside them, and the spans of those it does not reach are empty; the
    phase without a length of its own takes what the others leave.

    Raises:
        PluginError: there are none, or one without a length is not the last: a run that is trained further
            would come back to it.
        ConfigError: all have lengths, and the run is longer.
    """
    if not phases:
        raise PluginError("there are none", where="phases()", hint="Return one phase at least.")
    if any(phase.steps is None for phase in phases[:-1]):
        raise PluginError("only the last phase may have no length of its own", where="phases")
    fixed = sum(phase.steps for phase in phases if phase.steps is not None)
    if phases[-1].steps is not None and steps > fixed:
        raise ConfigError(
            f"is {steps}, more than the phases have: {_lengths(phases)}",
            where="training.steps",
            hint=f"Ask for {fixed} at most: --steps {fixed}.",
        )
    laid, start = [], 0
    for phase in phases:
        length = max(steps - fixed, 0) if phase.steps is None else phase.steps
        end = min(start + length, steps)
        laid.append((phase, start, end))
        start = end
    return laid


def _lengths(phases: Sequence[Phase]) -> str:
    return ", ".join(f"{phase.name} {phase.steps}" for phase in phases)


def unreached(phases: Sequence[Phase], step: int) -> str | None:
    """Say what a run that stopped at a step leaves untrained; None where it came to its last phase."""
    played = [phase for phase in phases if phase.steps != 0]
    begins = sum(phase.steps or 0 for phase in played[:-1])
    if len(played) < 2 or step > begins:
        return None
    within = next(phase.name for phase, _, end in spans(played, step) if end == step)
    return (
        f"the run stopped at step {step}, in phase {within}: {played[-1].name}, which comes after step "
        f"{begins}, is not trained; --resume with more --steps goes on to it"
    )
