"""One step of a game as graph code: every player of a phase moves its networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from gansuite.deterministic import gradients, total
from gansuite.errors import PluginError
from gansuite.game import Networks, Phase, Player, Turn
from gansuite.noise import Noise
from gansuite.precision import FULL
from gansuite.training.averages import raw_variables
from gansuite.training.optimizers import make_optimizer


class Play:
    """The players of one phase, with their optimizers; made inside the strategy's scope.

    Args:
        phase: who plays.
        networks: every network of the domain.
        seed: of the run.
        rows: rows of the global batch that one replica holds.
        replicas: how many replicas there are.
        dtype: of the networks' weights; examples, noise and losses are in it.

    Attributes:
        optimizers: one for each player, by name.
    """

    def __init__(
        self, phase: Phase, networks: Networks, *, seed: int, rows: int, replicas: int, dtype: str = FULL
    ) -> None:
        self.phase = phase
        self._networks = networks
        self._seed = seed
        self._rows = rows
        self._replicas = replicas
        self._dtype = tf.as_dtype(dtype)
        self.optimizers = {player.name: self._optimizer(player) for player in phase.players}

    def step(self, batches: Sequence[Any], step: tf.Tensor) -> tf.Tensor:
        """Play one step in a replica.

        Args:
            batches: this replica's rows of as many global batches as the phase has rounds.
            step: int64 scalar.

        Returns:
            float32 (terms,): each term's mean over the local batch and the player's rounds.
        """
        values: dict[str, tf.Tensor] = {}
        for player in self.phase.players:
            played = [self._move(player, self._turn(player, batches, step, r)) for r in range(player.rounds)]
            for name in played[0]:
                mean = total(terms[name] for terms in played) / float(player.rounds)
                values[f"{player.name}/{name}"] = mean
        return tf.cast(tf.stack(list(values.values())), tf.float32)

    def losses(self, batches: Sequence[Any]) -> dict[str, tf.Tensor]:
        """Ask every player's loss once, without moving anything: "player/term" to scalar."""
        step = tf.constant(0, tf.int64)
        return {
            f"{player.name}/{name}": term
            for player in self.phase.players
            for name, term in self._terms(player, self._turn(player, batches, step, 0)).items()
        }

    def _move(self, player: Player, turn: Turn) -> dict[str, tf.Tensor]:
        trained = self._trained(player)
        terms = self._terms(player, turn)
        share = total(player.weights.get(name, 1.0) * term for name, term in terms.items())
        slopes = gradients(share / float(self._replicas), [variable.value for variable in trained])
        self._check_gradients(player, trained, slopes)
        # Nothing is written before all is read: see `gansuite.deterministic`.
        with tf.control_dependencies([tf.group(terms, slopes)]):
            self.optimizers[player.name].apply(slopes, trained)
        return terms

    def _turn(self, player: Player, batches: Sequence[Any], step: tf.Tensor, played: int) -> Turn:
        batch_number = self.phase.rounds - player.rounds + played
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        noise = Noise(
            seed=self._seed,
            step=step,
            first_row=tf.cast(replica, tf.int64) * self._rows,
            rows=self._rows,
            scope=f"{self.phase.name}/{player.name}/{played}",
            dtype=self._dtype.name,
        )
        batch = tf.nest.map_structure(self._exact, batches[batch_number])
        return Turn(networks=self._networks, batch=batch, noise=noise, step=step)

    def _exact(self, examples: tf.Tensor) -> tf.Tensor:
        return tf.cast(examples, self._dtype) if examples.dtype.is_floating else examples

    def _terms(self, player: Player, turn: Turn) -> dict[str, tf.Tensor]:
        terms = {name: tf.cast(term, self._dtype) for name, term in player.loss(turn).items()}
        wrong = [name for name, term in terms.items() if term.shape.rank != 0]
        if wrong or not terms:
            raise PluginError(
                f"The loss of player {player.name} returns "
                + (f"a term {wrong[0]} of shape {terms[wrong[0]].shape}." if wrong else "no terms."),
                where=f"phase {self.phase.name}",
                hint="A loss returns named scalars, each a mean over the local batch.",
            )
        return terms

    def _trained(self, player: Player) -> list[Any]:
        return [weight for name in player.trains for weight in self._networks[name].trainable_weights]

    def _optimizer(self, player: Player) -> keras.optimizers.Optimizer:
        unknown = [name for name in player.trains if name not in self._networks]
        if unknown:
            raise PluginError(
                f"Player {player.name} trains {unknown[0]}, which is not among the networks "
                f"({', '.join(self._networks)}).",
                where=f"phase {self.phase.name}",
            )
        optimizer = make_optimizer(player.optimizer)
        optimizer.build(self._trained(player))
        return optimizer

    def _check_gradients(self, player: Player, trained: list[Any], slopes: list[Any]) -> None:
        still = [weight.path for weight, slope in zip(trained, slopes, strict=True) if slope is None]
        if still:
            raise PluginError(
                f"The loss of player {player.name} does not depend on {still[0]}"
                + (f" and {len(still) - 1} more weights" if len(still) > 1 else "")
                + ", which it is to train.",
                where=f"phase {self.phase.name}",
                hint="Let the loss use every network the player trains, or take the network out of `trains`.",
            )


def variables_of(networks: Networks) -> dict[str, list[tf.Variable]]:
    """Return all variables of each network, for a checkpoint."""
    return {name: raw_variables(network) for name, network in networks.items()}
