"""Many steps of a game in one call of a compiled function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from gansuite.errors import ConfigError, PluginError
from gansuite.training.averages import Averages
from gansuite.training.play import Play

#: Loss terms that a phase can have. How many there are is known once its steps are compiled, which takes a
#: while, and a checkpoint is read before that.
MOST_TERMS = 64


class CompiledPhase:
    """Runs a phase's steps without Python between them.

    The losses are summed on the way, so that a report is the mean since the one before, however the
    steps were divided into calls. A step with a term that is not finite is the last of its call.

    Args:
        play: what one step does in a replica.
        averages: moved after each step.
        step: int64 scalar variable, counts the steps.
        strategy: the devices.

    Attributes:
        sums: float32 (MOST_TERMS,) since the last report, 0 beyond the phase's terms.
        reported_at: int64 scalar, the step after which `sums` began.
    """

    def __init__(
        self,
        play: Play,
        averages: Averages,
        step: tf.Variable,
        strategy: tf.distribute.Strategy,
    ) -> None:
        self.sums = tf.Variable(tf.zeros(MOST_TERMS), trainable=False, name="sums")
        self._last = tf.Variable(tf.zeros(MOST_TERMS), trainable=False, name="last")
        self.reported_at = tf.Variable(0, dtype=tf.int64, trainable=False, name="reported_at")
        self._play = play
        self._averages = averages
        self._step = step
        self._strategy = strategy
        self._run = tf.function(self._steps, autograph=False)

    def compile(self, iterator: Any) -> None:
        """Make the graph of the steps now, which takes a while, and not when they are first run."""
        self._run.get_concrete_function(iterator, tf.constant(1, tf.int64))

    def run(self, iterator: Any, count: int) -> bool:
        """Play `count` steps, or until a term is not finite; whether all terms were finite.

        Raises:
            ConfigError: XLA was asked for, and cannot compile what is played.
        """
        try:
            return bool(self._run(iterator, tf.constant(count, tf.int64)))
        except tf.errors.InvalidArgumentError as error:
            if "XLA" not in error.message:
                raise
            raise ConfigError(
                f"XLA cannot compile phase {self._play.phase.name}: {error.message.splitlines()[0]}",
                where="training.xla",
                hint="Leave it off.",
            ) from error

    def begin(self, first: int) -> None:
        """Count from the phase's first step, unless it is already under way."""
        if int(self.reported_at.numpy()) < first:
            self.reported_at.assign(first)

    def means(self) -> dict[str, float]:
        """Return each term's mean over the steps since the means last began anew."""
        steps = int(self._step.numpy()) - int(self.reported_at.numpy())
        return self._named(self.sums.numpy() / np.float32(steps))

    def begin_anew(self) -> None:
        """Leave all steps so far out of the means."""
        self.sums.assign(tf.zeros_like(self.sums))
        self.reported_at.assign(self._step.read_value())

    def last(self) -> dict[str, float]:
        """Return each term of the latest step."""
        return self._named(self._last.numpy())

    def _named(self, values: np.ndarray) -> dict[str, float]:
        terms = self._play.terms
        return {name: float(value) for name, value in zip(terms, values[: len(terms)], strict=True)}

    def _steps(self, iterator: Any, count: tf.Tensor) -> tf.Tensor:
        end = self._step + count

        def unfinished(finite: tf.Tensor) -> tf.Tensor:
            return tf.logical_and(finite, self._step < end)

        def body(finite: tf.Tensor) -> tf.Tensor:
            return self._one(iterator)

        return tf.while_loop(unfinished, body, [tf.constant(True)], parallel_iterations=1)[0]

    def _one(self, iterator: Any) -> tf.Tensor:
        batches = [next(iterator) for _ in range(self._play.phase.rounds)]
        step = self._step.read_value()
        values = averaged(self._strategy, self._play.step, batches, step)
        _check_number(self._play, values.shape[0])
        values = tf.pad(values, [[0, MOST_TERMS - values.shape[0]]])
        self._last.assign(values)
        self.sums.assign_add(values)
        self._averages.update(step)
        self._step.assign_add(1)
        return tf.reduce_all(tf.math.is_finite(values))


def averaged(
    strategy: tf.distribute.Strategy, function: Callable[..., tf.Tensor], *arguments: Any
) -> tf.Tensor:
    """Run a function in every replica, of all workers, and return the mean of what they return."""

    def mean(*local: Any) -> tf.Tensor:
        replica = tf.distribute.get_replica_context()
        return replica.all_reduce(tf.distribute.ReduceOp.MEAN, function(*local))

    return strategy.experimental_local_results(strategy.run(mean, args=arguments))[0]


def term_names(play: Play, strategy: tf.distribute.Strategy, examples_spec: Any) -> tuple[str, ...]:
    """Ask a phase's losses for the names of their terms before it is compiled, by tracing them."""
    batch = tf.nest.map_structure(
        lambda spec: tf.TensorSpec([play.rows, *spec.shape], spec.dtype), examples_spec
    )
    names: tuple[str, ...] = ()

    def losses(*batches: Any) -> tf.Tensor:
        nonlocal names
        terms = play.losses(batches)
        names = tuple(terms)
        return tf.stack(list(terms.values()))

    def once(*batches: Any) -> tf.Tensor:
        return averaged(strategy, losses, *batches)

    tf.function(once, autograph=False).get_concrete_function(*[batch] * play.phase.rounds)
    _check_number(play, len(names))
    return names


def _check_number(play: Play, terms: int) -> None:
    if terms > MOST_TERMS:
        raise PluginError(
            f"Its losses have {terms} terms; {MOST_TERMS} can be reported.",
            where=f"phase {play.phase.name}",
            hint="Return sums of terms that belong together.",
        )
