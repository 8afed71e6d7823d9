"""How networks play: phases of players, each moving some networks against a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from gansuite.errors import PluginError
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
        weights: factor of a term in the sum that is minimised; 1 where a term is not named here.
    """

    name: str
    trains: tuple[str, ...]
    loss: Callable[[Turn], Terms]
    optimizer: Optimizer
    rounds: int = 1
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of training with the same players.

    Args:
        name: what it is called in the metrics.
        players: they move in this order.
        steps: how long it lasts; None, of the last one, for what the others leave of the run.
    """

    name: str
    players: tuple[Player, ...]
    steps: int | None = None

    @property
    def rounds(self) -> int:
        """How many batches one step of this phase draws."""
        return max(player.rounds for player in self.players)


def spans(phases: Sequence[Phase], steps: int) -> list[tuple[Phase, int, int]]:
    """Lay phases over a run: (phase, its first step, the step after its last).

    A run shorter than its phases stops inside them, and the spans of those it does not reach are empty; the
    phase without a length of its own takes what the others leave.

    Raises:
        PluginError: one without a length is not the last: a run that is trained further would come back
            to it.
    """
    if any(phase.steps is None for phase in phases[:-1]):
        raise PluginError("only the last phase may have no length of its own", where="phases")
    fixed = sum(phase.steps for phase in phases if phase.steps is not None)
    laid, start = [], 0
    for phase in phases:
        length = max(steps - fixed, 0) if phase.steps is None else phase.steps
        end = min(start + length, steps)
        laid.append((phase, start, end))
        start = end
    return laid


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
