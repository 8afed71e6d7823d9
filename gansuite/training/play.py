"""One step of a game as graph code: every player of a phase moves its networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from gansuite.deterministic import gradients, total
from gansuite.errors import ConfigError, PluginError
from gansuite.game import Networks, Phase, Player, Terms, Turn
from gansuite.layers.spectral import vectors
from gansuite.nearest import suggestion
from gansuite.noise import Noise
from gansuite.precision import weight_dtype
from gansuite.settings import Training
from gansuite.training.averages import Owner, raw_variables
from gansuite.training.optimizers import make_optimizer
from gansuite.training.schedules import ramped


class Play:
    """The players of one phase, with their optimizers; made inside the strategy's scope.

    Args:
        phase: who plays.
        networks: every network of the domain, in the precision of the run.
        training: seed, batch size and precision of the run.
        replicas: how many replicas there are.
        steps: how long the phase lasts.

    Attributes:
        optimizers: one for each player, by name.
        rows: of the global batch that one replica holds.
        terms: "player/term" of all losses, in the order of `step`; none before it was called.
    """

    def __init__(
        self, phase: Phase, networks: Networks, training: Training, *, replicas: int, steps: int
    ) -> None:
        self.phase = phase
        self.rows = training.batch_size // replicas
        self.terms: tuple[str, ...] = ()
        self._networks = networks
        self._training = training
        self._replicas = replicas
        self._steps = steps
        self._parts = training.accumulate
        self._dtype = tf.as_dtype(weight_dtype(training.precision))
        # All parts of a batch have to see the same singular values, as a batch does that is played at once.
        played_at_once = self._parts == 1
        self._vectors = [] if played_at_once else [one for net in networks.values() for one in vectors(net)]
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
            played = [self._move(player, batches, step, number) for number in range(player.rounds)]
            for name, mean in _means(played).items():
                values[f"{player.name}/{name}"] = mean
        self.terms = tuple(values)
        return tf.cast(tf.stack(list(values.values())), tf.float32)

    def losses(self, batches: Sequence[Any]) -> dict[str, tf.Tensor]:
        """Ask every player's loss once, without moving anything: "player/term" to scalar."""
        step = tf.constant(0, tf.int64)
        return {
            f"{player.name}/{name}": term
            for player in self.phase.players
            for name, term in self._terms(player, self._turn(player, batches, step, 0, 0)).items()
        }

    def _move(self, player: Player, batches: Sequence[Any], step: tf.Tensor, played: int) -> Terms:
        trained = self._trained(player)
        parts: list[Terms] = []
        summed: list[Any] = []
        before = [tf.identity(vector.value) for vector in self._vectors]
        for part in range(self._parts):
            # One part after the other: each needs memory for itself alone.
            with tf.control_dependencies(summed):
                if part:
                    _restore(self._vectors, before)
                turn = self._turn(player, batches, step, played, part)
                terms, slopes = self._differentiated(player, turn, trained)
                summed = _added(summed, slopes) if summed else slopes
            parts.append(terms)
        # TensorFlow puts the sums among them on no device; several workers can reduce what is on one only.
        slopes = self._limited(player, [tf.identity(slope) for slope in summed])
        # Nothing is written before all is read: see `gansuite.deterministic`.
        with tf.control_dependencies([tf.group(parts, slopes)]):
            self.optimizers[player.name].apply(slopes, trained)
        return _means(parts)

    def _differentiated(self, player: Player, turn: Turn, trained: list[Any]) -> tuple[Terms, list[Any]]:
        """Return a player's terms and what its weights add to their sum, as one piece of code with XLA."""

        def differentiate() -> tuple[Terms, list[Any]]:
            terms = self._terms(player, turn)
            share = self._weighted(player, terms, turn.step) / float(self._replicas * self._parts)
            slopes = gradients(share, [variable.value for variable in trained])
            self._check_gradients(player, trained, slopes)
            return terms, slopes

        if not self._training.xla:
            return differentiate()
        try:
            found: tuple[Terms, list[Any]] = tf.function(differentiate, autograph=False, jit_compile=True)()
        except RuntimeError as error:
            if "merge_call" not in str(error):
                raise
            raise ConfigError(
                f"XLA cannot compile the loss of player {player.name}: on its way the devices wait for each "
                "other, as synchronised batch normalisation has them do.",
                where="training.xla",
                hint="Leave it off, or use one device.",
            ) from error
        return found

    def _weighted(self, player: Player, terms: Terms, step: tf.Tensor) -> tf.Tensor:
        return total(self._weight(player, name, step) * term for name, term in terms.items())

    def _weight(self, player: Player, name: str, step: tf.Tensor) -> Any:
        weight: Any = player.weights.get(name, 1.0)
        for ramp in self._training.ramps:
            if ramp.term == f"{player.name}/{name}":
                weight *= tf.cast(ramped(ramp, step), self._dtype)
        return weight

    def _limited(self, player: Player, slopes: list[Any]) -> list[Any]:
        """Shorten a gradient that is too long, by its length over all replicas."""
        limit = player.optimizer.clip_norm
        if not limit:
            return slopes
        dense = [tf.convert_to_tensor(slope) for slope in slopes]
        summed = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, dense)
        length = tf.sqrt(total(tf.reduce_sum(tf.square(slope)) for slope in summed))
        return [slope * (limit / tf.maximum(length, limit)) for slope in dense]

    def _turn(self, player: Player, batches: Sequence[Any], step: tf.Tensor, played: int, part: int) -> Turn:
        batch_number = self.phase.rounds - player.rounds + played
        rows = self.rows // self._parts
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        noise = Noise(
            seed=self._training.seed,
            step=step,
            first_row=part * rows * self._replicas + tf.cast(replica, tf.int64) * rows,
            rows=rows,
            scope=f"{self.phase.name}/{player.name}/{played}",
            dtype=self._dtype.name,
            graph=tf.compat.v1.get_default_graph() if self._training.xla else None,
        )
        batch = batches[batch_number]
        if self._parts > 1:
            batch = tf.nest.map_structure(lambda examples: examples[part * rows : (part + 1) * rows], batch)
        batch = tf.nest.map_structure(self._exact, batch)
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
        _check_weights(player, terms, self.phase.name)
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
        optimizer = make_optimizer(player.optimizer, rounds=player.rounds, steps=self._steps)
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


def _restore(variables: Sequence[Any], values: Sequence[tf.Tensor]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _means(several: Sequence[Terms]) -> dict[str, tf.Tensor]:
    return {name: total(terms[name] for terms in several) / float(len(several)) for name in several[0]}


def _check_weights(player: Player, terms: Terms, phase: str) -> None:
    # A factor of 0 may be that of a term which the loss leaves out because of it.
    unknown = [name for name, weight in player.weights.items() if weight and name not in terms]
    if unknown:
        raise PluginError(
            f"Player {player.name} has a weight for {unknown[0]}, which is no term of its loss.",
            where=f"phase {phase}",
            hint=suggestion(unknown[0], terms),
        )


def _added(some: Sequence[Any], others: Sequence[Any]) -> list[tf.Tensor]:
    pairs = zip(some, others, strict=True)
    return [tf.convert_to_tensor(one) + tf.convert_to_tensor(other) for one, other in pairs]


def variables_of(owners: Mapping[str, Owner]) -> dict[str, list[tf.Variable]]:
    """Return all variables of each network or optimizer, for a checkpoint."""
    return {name: raw_variables(owner) for name, owner in owners.items()}
