"""Running averages of networks, with their statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import keras
import tensorflow as tf

from gansuite.domain import Domain
from gansuite.game import Networks

#: What has variables.
Owner: TypeAlias = keras.Model | keras.optimizers.Optimizer


def averaged(domain: Domain) -> Sequence[str]:
    """Return the names of the networks of which a run keeps averages: none where their decay is 0."""
    return domain.averaged if domain.config.training.average else ()


class Averages:
    """Running averages of everything that some networks hold; made inside the strategy's scope.

    All variables are averaged, those of batch normalisation with them: Keras's own `use_ema` leaves the
    statistics out. The decay is small at first, min(decay, (1 + step) / (10 + step)), so that the random
    start is forgotten.

    Args:
        networks: what to average.
        decay: share of the average that one step keeps, in [0, 1).
        begins: by the network's name, the step after which it is trained, where that is not the first.
    """

    def __init__(self, networks: Networks, decay: float, begins: Mapping[str, int] | None = None) -> None:
        self.decay = decay
        self._begins = dict(begins or {})
        self._strategy = tf.distribute.get_strategy()
        self._sources = {name: raw_variables(network) for name, network in networks.items()}
        self.variables = {
            name: [tf.Variable(source, trainable=False, name="average") for source in sources]
            for name, sources in self._sources.items()
        }

    def update(self, step: tf.Tensor) -> None:
        """Move the averages toward the networks; called in cross-replica context."""
        extended = self._strategy.extended

        def move(average: tf.Variable, source: tf.Variable, keep: tf.Tensor) -> tf.Operation:
            latest = tf.convert_to_tensor(source)
            if not average.dtype.is_floating:
                return average.assign(latest)
            # `average -= (1 - keep) * (average - latest)`, in one walk less over tens of millions of weights.
            return tf.raw_ops.ResourceApplyGradientDescent(
                var=average.handle, alpha=tf.cast(1.0 - keep, average.dtype), delta=average - latest
            )

        for name, averages in self.variables.items():
            done = tf.cast(tf.maximum(step - self._begins.get(name, 0), 0), tf.float32)
            keep = tf.minimum(self.decay, (1.0 + done) / (10.0 + done))
            for average, source in zip(averages, self._sources[name], strict=True):
                extended.update(average, move, args=(source, keep), group=False)


def raw_variables(owner: Owner) -> list[tf.Variable]:
    """Return TensorFlow's variables behind those of a Keras network or optimizer, in their order."""
    return [variable.value for variable in owner.variables]


def assign(network: keras.Model, values: list[tf.Variable]) -> None:
    """Set all variables of a network."""
    for variable, value in zip(network.variables, values, strict=True):
        variable.assign(tf.convert_to_tensor(value))
