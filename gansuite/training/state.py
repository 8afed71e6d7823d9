"""Everything a run must remember, built inside the strategy's scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from gansuite.domain import Domain, Examples
from gansuite.errors import ConfigError, PluginError
from gansuite.game import Networks, Phase, spans
from gansuite.nearest import suggestion
from gansuite.precision import layer_precision, weight_dtype
from gansuite.settings import Training
from gansuite.training.averages import Averages, averaged
from gansuite.training.compiled import CompiledPhase, term_names
from gansuite.training.play import Play, variables_of


@dataclass(frozen=True, kw_only=True)
class State:
    """Networks, their averages, the optimizers and where training stands.

    Attributes:
        step: int64 scalar variable, steps done.
        networks: by name, in the precision of the run.
        averages: of the networks that the domain's endpoints use.
        phases: each with its first step, the step after its last, and its compiled steps.
        checkpoint: all of it, for `Checkpoints`.
        kept: the variables that `checkpoint` is made of.
    """

    step: tf.Variable
    networks: Networks
    averages: Averages
    phases: Sequence[tuple[Phase, int, int, CompiledPhase]]
    checkpoint: tf.train.Checkpoint
    kept: Mapping[str, Any]

    def variables(self) -> list[tf.Variable]:
        """Return everything that a checkpoint holds, in an order that is the same for all workers."""
        return list(tf.nest.flatten(self.kept))


def build_state(
    domain: Domain, training: Training, strategy: tf.distribute.Strategy, examples: Examples
) -> State:
    """Build a run's networks and everything that moves them, as they are before the first step.

    The weights they start with are a function of the seed.
    """
    with strategy.scope(), layer_precision(training.precision):
        keras.utils.set_random_seed(training.seed % 2**32)
        networks = _checked(domain.networks(), weight_dtype(training.precision))
        step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        played = list(spans(_distinct(domain.phases()), training.steps))
        averages = Averages(averaged_networks(domain, networks), training.average, _begins(played))
        phases: list[tuple[Phase, int, int, CompiledPhase]] = []
        saved = {}
        terms: tuple[str, ...] = ()
        for phase, first, end in played:
            # Where a run stops inside a phase that has a length of its own, its rates fall no faster for it.
            steps = end - first if phase.steps is None else phase.steps
            play = Play(phase, networks, training, replicas=strategy.num_replicas_in_sync, steps=steps)
            # What is wrong with a later phase is to be known now; the first one is compiled soon.
            if training.ramps or phases:
                terms += term_names(play, strategy, examples.spec)
            compiled = CompiledPhase(play, averages, step, strategy)
            phases.append((phase, first, end, compiled))
            saved[phase.name] = {
                "sums": compiled.sums, "reported_at": compiled.reported_at,
                # What they remember; as objects they would be kept with all weights that they move.
                "optimizers": variables_of(play.optimizers),
            }  # fmt: skip
    _check_ramps(training, terms)
    kept = {
        "step": step, "networks": variables_of(networks), "averages": averages.variables, "phases": saved
    }  # fmt: skip
    return State(
        step=step, networks=networks, averages=averages, phases=phases,
        checkpoint=tf.train.Checkpoint(**kept), kept=kept,
    )  # fmt: skip


def _begins(played: Sequence[tuple[Phase, int, int]]) -> Mapping[str, int]:
    """Say after which step of the run each network that is trained moves first."""
    begins: dict[str, int] = {}
    for phase, first, _ in played:
        for player in phase.players:
            begins = {**dict.fromkeys(player.trains, first), **begins}
    return begins


def _checked(networks: Networks, dtype: str) -> Networks:
    for name, network in networks.items():
        for weight in network.trainable_weights:
            if weight.dtype != dtype:
                raise PluginError(
                    f"Weight {weight.path} is {weight.dtype}; this run's weights are {dtype}.",
                    where=f"network {name}",
                    hint="Give its layer dtype=gansuite.precision.full(), or no dtype.",
                )
    return networks


def _check_ramps(training: Training, terms: Sequence[str]) -> None:
    for ramp in training.ramps:
        if ramp.term not in terms:
            raise ConfigError(
                f"there is no loss term {ramp.term!r}",
                where="training.ramps",
                hint=suggestion(ramp.term, list(dict.fromkeys(terms))),
            )


def averaged_networks(domain: Domain, networks: Networks) -> Networks:
    """Return those of the networks of which averages are kept, for a domain's endpoints to use."""
    missing = [name for name in domain.averaged if name not in networks]
    if missing:
        raise PluginError(
            f"`averaged` names {missing[0]}, which is not among the networks ({', '.join(networks)}).",
            where=type(domain).__name__,
        )
    return {name: networks[name] for name in averaged(domain)}


def _distinct(phases: Sequence[Phase]) -> Sequence[Phase]:
    names = [phase.name for phase in phases]
    for name in names:
        if names.count(name) > 1:
            raise PluginError(f"Two phases are called {name}.", where="phases()")
    return phases
