"""What changes with the steps, as the settings say: learning rates and the weights of loss terms."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf

from gansuite.settings import Optimizer, Ramp, Schedule


class PhaseRate(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of a player in a phase, as a function of the phase's steps.

    Args:
        optimizer: the rate, and how it changes.
        rounds: how often the player moves in one step.
        steps: how long the phase lasts in this run.
    """

    def __init__(self, optimizer: Optimizer, *, rounds: int, steps: int) -> None:
        self._optimizer = optimizer
        self._rounds = rounds
        self._steps = steps

    def __call__(self, moves: Any) -> tf.Tensor:
        """Return the rate after some moves of the player: float32 scalar."""
        step = tf.cast(tf.convert_to_tensor(moves), tf.int64) // self._rounds
        return self._optimizer.learning_rate * scheduled(self._optimizer.schedule, step, self._steps)


def scheduled(schedule: Schedule, step: tf.Tensor, steps: int) -> tf.Tensor:
    """Return the share of the learning rate that a schedule leaves at a step: float32 scalar in [0, 1].

    Args:
        schedule: how it changes.
        step: int64 scalar, counted from 0 at the beginning of the phase.
        steps: how long the phase lasts.
    """
    share = tf.constant(1.0)
    begin = schedule.begin or int(schedule.hold * steps)
    end = max(schedule.end or steps, begin + 1)
    done, final = _progress(step, begin, end), schedule.final
    match schedule.decay:
        case "linear":
            share = 1.0 - (1.0 - final) * done
        case "cosine":
            share = final + (1.0 - final) * (1.0 + tf.cos(math.pi * done)) / 2.0
        case "exponential":
            share = tf.exp(math.log(final) * done)
        case "step":
            share = tf.where(step < begin, 1.0, final)
    if schedule.warm_up:
        share *= tf.minimum(1.0, tf.cast(step + 1, tf.float32) / float(schedule.warm_up))
    return share


def ramped(ramp: Ramp, step: tf.Tensor) -> tf.Tensor:
    """Return the factor of a term's weight at a step of the run (int64 scalar): float32 scalar."""
    return ramp.start + (ramp.finish - ramp.start) * _progress(step, ramp.begin, ramp.end)


def _progress(step: tf.Tensor, begin: int, end: int) -> tf.Tensor:
    return tf.clip_by_value(tf.cast(step - begin, tf.float32) / float(end - begin), 0.0, 1.0)
