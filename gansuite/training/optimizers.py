"""Keras optimizers from settings."""

from __future__ import annotations

import keras

from gansuite.settings import Optimizer


def make_optimizer(settings: Optimizer) -> keras.optimizers.Optimizer:
    """Build the optimizer that some settings describe."""
    rate = settings.learning_rate
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
