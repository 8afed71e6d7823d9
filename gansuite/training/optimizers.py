"""Keras optimizers from settings."""

from __future__ import annotations

from typing import Any

import keras

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
            return keras.optimizers.Adam(
                rate, beta_1=settings.beta_1, beta_2=settings.beta_2, epsilon=settings.epsilon
            )
        case "rmsprop":
            return keras.optimizers.RMSprop(
                rate, rho=settings.beta_2, momentum=settings.momentum, epsilon=settings.epsilon
            )
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=settings.momentum)
