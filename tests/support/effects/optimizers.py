"""Optimizers: every one moves a weight as its paper's formula says."""

from types import MappingProxyType
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from effects.bench import Bench, shows
from gansuite.errors import ConfigError
from gansuite.training.optimizers import make_optimizer

GRADIENTS = (0.5, -0.25, 2.0)
BEFORE = 1.0


def moved(given: Any) -> float:
    """Where an optimizer made from the settings moves a weight to."""
    weight = keras.Variable(BEFORE)
    optimizer = make_optimizer(given)
    optimizer.build([weight])
    for gradient in GRADIENTS:
        optimizer.apply([tf.constant(gradient)], [weight])
    return float(weight.numpy())


def expected(kind: str, rate: float, beta_1: float, beta_2: float, epsilon: float, momentum: float) -> float:
    """The same by the rules' own formulas."""
    weight, mean, square, last = BEFORE, 0.0, 0.0, 0.0
    for step, gradient in enumerate(GRADIENTS, start=1):
        square = beta_2 * square + (1 - beta_2) * gradient**2
        if kind == "adam":
            mean = beta_1 * mean + (1 - beta_1) * gradient
            weight -= (
                rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step) * mean / (np.sqrt(square) + epsilon)
            )
        elif kind == "rmsprop":
            last = momentum * last + rate * gradient / (np.sqrt(square) + epsilon)
            weight -= last
        else:
            last = momentum * last - rate * gradient
            weight += last
    return float(weight)


OPTIMIZERS = {
    "musegan": {"generator": "generator.optimizer", "critic": "critic.optimizer"},
    "dcgan": {"generator": "generator_optimizer", "discriminator": "discriminator_optimizer"},
    "srgan": {
        "content/generator": "content.optimizer",
        "adversarial/generator": "adversarial.generator_optimizer",
        "adversarial/discriminator": "adversarial.discriminator_optimizer",
    },
}
VALUES = {
    "kind": ("adam", "rmsprop", "sgd"),
    "learning_rate": (0.1, 0.2),
    "beta_1": (0.2, 0.8),
    "beta_2": (0.3, 0.9),
    "epsilon": (1e-3, 0.5),
    "momentum": (0.0, 0.5),
}
#: Which settings a rule uses, as their help says.
USED = {
    "adam": ("learning_rate", "beta_1", "beta_2", "epsilon"),
    "rmsprop": ("learning_rate", "beta_2", "epsilon", "momentum"),
    "sgd": ("learning_rate", "momentum"),
}


def _moves_as_its_formula_says(bench: Bench) -> None:
    table, _, changed = bench.path.rpartition(".")
    player = next(name for name, path in OPTIMIZERS[bench.plugin].items() if path == table)
    others = {name: values[0] for name, values in VALUES.items() if name not in ("kind", changed)}
    for kind in VALUES["kind"]:
        ends = set()
        for value in VALUES[changed]:
            values = {"kind": kind, **others, changed: value}
            sets = [f"{table}.{name}={given}" for name, given in values.items()]
            if kind == "adam" and values["momentum"]:
                with pytest.raises(ConfigError, match="adam keeps part of the last updates by beta_1"):
                    bench.player(player, *sets)
                continue
            end = moved(bench.player(player, *sets).optimizer)
            rate, *rest = (
                values[name] for name in ("learning_rate", "beta_1", "beta_2", "epsilon", "momentum")
            )
            assert end == pytest.approx(expected(values["kind"], rate, *rest), rel=1e-5)
            ends.add(round(end, 5))
        assert len(ends) == (len(VALUES[changed]) if changed == "kind" or changed in USED[kind] else 1)


RATES = {
    "warm_up": {0: [1, 1, 1, 1], 2: [0.5, 1, 1, 1]},
    "decay": {
        "none": [1, 1, 1, 1],
        "linear": [1, 0.7, 0.4, 0.4],
        "cosine": [1, 0.7, 0.4, 0.4],
        "exponential": [1, 0.4**0.5, 0.4, 0.4],
        "step": [1, 0.4, 0.4, 0.4],
    },
    "begin": {0: [1, 0.7, 0.4, 0.4], 1: [1, 1, 0.4, 0.4]},
    "hold": {0: [1, 0.85, 0.7, 0.55], 0.25: [1, 1, 0.8, 0.6]},
    "end": {0: [1, 0.85, 0.7, 0.55], 2: [1, 0.7, 0.4, 0.4]},
    "final": {0.0: [1, 0.5, 0, 0], 0.4: [1, 0.7, 0.4, 0.4]},
}
"""Which share of the learning rate four steps of a phase of four have, by one setting, the others being
those of `SCHEDULE`."""
SCHEDULE = MappingProxyType({"decay": "linear", "end": 2, "final": 0.4})


def _schedules_as_its_help_says(bench: Bench) -> None:
    table, _, changed = bench.path.rpartition(".schedule.")
    player = next(name for name, path in OPTIMIZERS[bench.plugin].items() if path == table)
    for value, shares in RATES[changed].items():
        others = {"decay": "none"} if changed == "warm_up" else {}
        others |= {"begin": 1, "end": 0} if value == "step" else {}
        others |= {"end": 0} if changed == "hold" else {}
        schedule = {**SCHEDULE, **others, changed: value}
        sets = [f"{table}.schedule.{name}={given}" for name, given in schedule.items()]
        given = bench.player(player, *sets, f"{table}.learning_rate=0.1").optimizer
        optimizer = make_optimizer(given, rounds=2, steps=4)
        optimizer.build([keras.Variable(BEFORE)])
        rates = []
        for move in range(8):
            optimizer.iterations.assign(move)
            rates.append(float(optimizer.learning_rate))
        np.testing.assert_allclose(rates, np.repeat(0.1 * np.array(shares), 2), rtol=1e-6, atol=1e-9)


def _shortens_a_gradient_that_is_too_long(bench: Bench) -> None:
    table = bench.path.rpartition(".")[0]
    player = next(name for name, path in OPTIMIZERS[bench.plugin].items() if path == table)
    plain = (f"{table}.kind=sgd", f"{table}.learning_rate=1")
    whole = bench.moved(player, *plain)
    length = np.linalg.norm(whole)
    for limit, expected in ((2 * length, whole), (length / 4, whole / 4)):
        moved = bench.moved(player, *plain, f"{table}.clip_norm={limit}")
        np.testing.assert_allclose(moved, expected, rtol=1e-3, atol=1e-3 * length)


for _plugin, _tables in OPTIMIZERS.items():
    for _table in _tables.values():
        shows(*(f"{_table}.{name}" for name in VALUES), plugins=(_plugin,))(_moves_as_its_formula_says)
        shows(*(f"{_table}.schedule.{name}" for name in RATES), plugins=(_plugin,))(
            _schedules_as_its_help_says
        )
        shows(f"{_table}.clip_norm", plugins=(_plugin,))(_shortens_a_gradient_that_is_too_long)
