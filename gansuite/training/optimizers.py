"""Keras optimizers from settings."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from gansuite.settings import Optimizer, Schedule
from gansuite.training.schedules import PhaseRate


def make_optimizer(settings: Optimizer, *, rounds: int = 1, steps: int = 1) -> keras.optimizers.Optimizer:
    """Build the optimizer that some settings describe.

    Args:
        settings: its kind and figures; limiting the gradient is left to who computes it.
        rounds: how often it moves in one step.
        steps: how long the phase lasts that it is for.
    """
    constant = settings.schedule == Schedule()
    rate: Any = settings.learning_rate if constant else PhaseRate(settings, rounds=rounds, steps=steps)
    match settings.kind:
        case "adam":
            return Adam(rate, beta_1=settings.beta_1, beta_2=settings.beta_2, epsilon=settings.epsilon)
        case "rmsprop":
            return RMSprop(rate, rho=settings.beta_2, momentum=settings.momentum, epsilon=settings.epsilon)
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=settings.momentum)


class RMSprop(keras.optimizers.RMSprop):
    """Keras's RMSprop, but epsilon is added to the root and not under it, as in PyTorch and in Adam.

    Keras's 1e-7 under the root is as much as 3e-4 added to it: more than the gradients of a critic whose
    weights are clipped, which then hardly moves.

    Source: Tieleman and Hinton 2012, Neural Networks for Machine Learning, lecture 6e.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Move one variable, and what is kept of its gradients, along its gradient."""
        number = self._get_variable_index(variable)
        gradient = tf.cast(tf.convert_to_tensor(gradient), variable.dtype)
        square = self.rho * self._velocities[number] + (1.0 - self.rho) * tf.square(gradient)
        self.assign(self._velocities[number], square)
        move = tf.cast(learning_rate, variable.dtype) * gradient / (tf.sqrt(square) + self.epsilon)
        if self.momentum > 0:
            move += self.momentum * self._momentums[number]
            self.assign(self._momentums[number], move)
        self.assign_sub(variable, move)


class _Shared:
    """Figures of one update by the type of the variables: no part of what a checkpoint holds."""

    def __init__(self) -> None:
        self.figures: dict[Any, dict[str, tf.Tensor]] = {}


class Adam(keras.optimizers.Adam):
    """Keras's Adam, with an update that is one operation.

    Keras puts it together from a dozen, each of which goes over all weights: with tens of millions of them
    that takes as long as their gradients. The same to rounding, with the same variables.

    Source: Kingma and Ba 2015, arXiv:1412.6980, algorithm 1, in the form before section 2.1.
    """

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Move variables along their gradients."""
        # What is the same for all of them is computed once for each time that they move.
        self._shared = _Shared()
        super().apply(grads, trainable_variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Move one variable, and its two moments, along its gradient, which has its shape."""
        if isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        number = self._get_variable_index(variable)
        figures = self._shared.figures
        if variable.dtype not in figures:
            figures[variable.dtype] = self._computed(variable.dtype, learning_rate)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[number].value.handle,
            v=self._velocities[number].value.handle,
            grad=tf.cast(gradient, variable.dtype),
            **figures[variable.dtype],
        )

    def _computed(self, dtype: Any, learning_rate: Any) -> dict[str, tf.Tensor]:
        count = tf.cast(self.iterations + 1, dtype)
        beta_1, beta_2 = tf.constant(self.beta_1, dtype), tf.constant(self.beta_2, dtype)
        return {
            "beta1_power": tf.pow(beta_1, count),
            "beta2_power": tf.pow(beta_2, count),
            "lr": tf.cast(learning_rate, dtype),
            "beta1": beta_1,
            "beta2": beta_2,
            "epsilon": tf.constant(self.epsilon, dtype),
        }
