"""Learning rates and weights of terms that change, gradients that are limited or summed over parts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.config import from_mapping, to_toml
from gansuite.errors import ConfigError, UsageError
from gansuite.game import Phase
from gansuite.layers.batch_norm import BatchNormalization
from gansuite.layers.spectral import SpectralDense
from gansuite.precision import full
from gansuite.runs import Run
from gansuite.settings import Optimizer, Ramp, Schedule, Training
from gansuite.training.schedules import ramped, scheduled
from gansuite.training.session import train
from ring import Ring, RingDomain

SHORT = Training(steps=8, batch_size=8, average=0.0, checkpoint_every=4, strategy="one", keep=9)


class Smooth(RingDomain):
    """A ring without batch normalisation, whose players move as they are told."""

    def __init__(self, config: Ring, optimizer: Optimizer) -> None:
        super().__init__(config)
        self._optimizer = optimizer

    def networks(self) -> dict[str, keras.Model]:
        layers = keras.layers
        sizes = {"generator": (4, 2), "critic": (2, 1)}
        return {
            name: keras.Sequential(
                [keras.Input([ins]), layers.Dense(16, activation="tanh"), layers.Dense(outs, dtype=full())]
            )
            for name, (ins, outs) in sizes.items()
        }

    def phases(self) -> Sequence[Phase]:
        return [
            dataclasses.replace(
                phase,
                players=tuple(
                    dataclasses.replace(player, optimizer=self._optimizer) for player in phase.players
                ),
            )
            for phase in super().phases()
        ]


class Bounded(Smooth):
    """A ring whose critic has layers of spectral norm 1, which follow their weights from use to use."""

    def networks(self) -> dict[str, keras.Model]:
        networks = super().networks()
        layers = [keras.Input([2]), SpectralDense(16, activation="tanh"), SpectralDense(1, dtype=full())]
        return {**networks, "critic": keras.Sequential(layers)}


class Normalised(Bounded):
    """The same with a generator whose batches are normalised."""

    def networks(self) -> dict[str, keras.Model]:
        layers = [keras.Input([4]), keras.layers.Dense(16, use_bias=False), BatchNormalization()]
        generator = keras.Sequential([*layers, keras.layers.Dense(2, dtype=full())])
        return {**super().networks(), "generator": generator}


def learned(
    path: Path,
    optimizer: Optimizer,
    step: int = 8,
    rounds: int = 2,
    kind: type[Smooth] = Smooth,
    warm_up: int = 0,
    **settings: Any,
) -> dict[str, np.ndarray]:
    """Train in a folder, from where it stands; what both networks' weights are after a step."""
    training = dataclasses.replace(SHORT, **settings)
    config = Ring(training=training, rounds=rounds, warm_up=warm_up)
    text = to_toml(config, header={"plugin": "ring", "api": 1}, comments=False)
    run = Run.open(path) if path.exists() else Run.create(path, "ring", text)
    train(run, kind(config, optimizer), training, [])
    reader = tf.train.load_checkpoint(str(run.checkpoints / f"step-{step:08d}" / "state"))
    names = reader.get_variable_to_shape_map()
    return {name: reader.get_tensor(name) for name in names if name.startswith("networks/")}


def far(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> float:
    """The largest relative distance of a weight."""
    return max(float(np.linalg.norm(one[name] - other[name]) / np.linalg.norm(other[name])) for name in other)


ADAM = Optimizer(learning_rate=1e-2)
SGD = Optimizer(kind="sgd", learning_rate=0.1)


@pytest.mark.parametrize(
    ("schedule", "shares"),
    [
        (Schedule(), [1, 1, 1]),
        (Schedule(warm_up=10), [0.1, 1, 1]),
        (Schedule(decay="linear"), [1, 0.5, 0]),
        (Schedule(decay="linear", begin=50, final=0.2), [1, 1, 0.2]),
        (Schedule(decay="linear", begin=20, end=80, final=0.5), [1, 0.75, 0.5]),
        (Schedule(decay="cosine"), [1, 0.5, 0]),
        (Schedule(decay="linear", hold=0.5), [1, 1, 0]),
        (Schedule(decay="step", hold=0.5, final=0.1), [1, 0.1, 0.1]),
        (Schedule(decay="exponential", final=0.01), [1, 0.1, 0.01]),
        (Schedule(decay="step", begin=50, final=0.1), [1, 0.1, 0.1]),
        (Schedule(decay="step", begin=51, final=0.1), [1, 1, 0.1]),
    ],
)
def test_a_schedule_leaves_the_share_of_the_rate_that_its_formula_says(
    schedule: Schedule, shares: list[float]
) -> None:
    found = [float(scheduled(schedule, tf.constant(step, tf.int64), 100)) for step in (0, 50, 100)]
    np.testing.assert_allclose(found, shares, rtol=1e-6, atol=1e-7)


def test_a_cosine_is_slow_at_both_ends() -> None:
    steps = tf.range(0, 101, 25, dtype=tf.int64)
    found = [float(scheduled(Schedule(decay="cosine"), step, 100)) for step in steps]
    np.testing.assert_allclose(found, [1, (1 + 0.5**0.5) / 2, 0.5, (1 - 0.5**0.5) / 2, 0], atol=1e-6)


def test_a_ramp_is_linear_between_its_steps() -> None:
    ramp = Ramp(term="critic/penalty", begin=10, end=20, start=0.5, finish=2.0)
    found = [float(ramped(ramp, tf.constant(step, tf.int64))) for step in (0, 10, 15, 20, 99)]
    np.testing.assert_allclose(found, [0.5, 0.5, 1.25, 2.0, 2.0])


def test_steps_are_counted_in_steps_however_often_a_player_moves(tmp_path: Path) -> None:
    # The critic moves twice a step.
    still = Schedule(decay="step", begin=4)
    optimizer = dataclasses.replace(ADAM, schedule=still)
    half = learned(tmp_path / "run", optimizer, step=4)
    for name, value in learned(tmp_path / "run", optimizer).items():
        np.testing.assert_array_equal(value, half[name], err_msg=name)
    for name, value in learned(tmp_path / "free", ADAM).items():
        assert np.any(value != half[name]), name


def test_a_run_with_schedules_and_ramps_goes_on_bit_for_bit(tmp_path: Path) -> None:
    optimizer = dataclasses.replace(
        ADAM, clip_norm=0.1, schedule=Schedule(warm_up=3, decay="cosine", end=7, final=0.1)
    )
    more = {"ramps": (Ramp(term="critic/adversarial", begin=2, end=6),), "accumulate": 2}
    whole = learned(tmp_path / "whole", optimizer, **more)
    for steps in (3, 5):
        learned(tmp_path / "parts", optimizer, step=steps, **more, steps=steps)
    for name, value in learned(tmp_path / "parts", optimizer, **more).items():
        np.testing.assert_array_equal(value, whole[name], err_msg=name)


def test_rates_of_a_phase_with_a_length_fall_the_same_wherever_a_run_stops(tmp_path: Path) -> None:
    optimizer = dataclasses.replace(ADAM, schedule=Schedule(decay="linear", hold=0.5))
    whole = learned(tmp_path / "whole", optimizer, step=6, steps=6, warm_up=6)
    learned(tmp_path / "parts", optimizer, step=4, steps=4, warm_up=6)
    for name, value in learned(tmp_path / "parts", optimizer, step=6, steps=6, warm_up=6).items():
        np.testing.assert_array_equal(value, whole[name], err_msg=name)


def test_a_term_without_weight_moves_nothing(tmp_path: Path) -> None:
    ramp = Ramp(term="critic/adversarial", begin=4, end=5)
    early = learned(tmp_path / "run", ADAM, step=4, ramps=(ramp,), checkpoint_every=1)
    begun = learned(tmp_path / "run", ADAM, step=1, ramps=(ramp,), checkpoint_every=1)
    late = learned(tmp_path / "run", ADAM, step=8, ramps=(ramp,), checkpoint_every=1)
    for name in begun:
        assert np.array_equal(begun[name], early[name]) == ("/critic/" in name), name
        assert np.any(late[name] != early[name]), name


def test_a_ramp_of_a_term_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"training.ramps: there is no loss term 'critic/adverserial'"
    ) as caught:
        learned(tmp_path / "run", ADAM, ramps=(Ramp(term="critic/adverserial", end=5),))
    assert "did you mean critic/adversarial?" in str(caught.value)


def test_a_gradient_is_shortened_to_the_limit_and_keeps_its_direction(tmp_path: Path) -> None:
    once = {"steps": 1, "step": 1, "rounds": 1}
    start = learned(tmp_path / "start", dataclasses.replace(SGD, learning_rate=1e-12), **once)

    def moved(path: str, limit: float) -> np.ndarray:
        optimizer = dataclasses.replace(SGD, learning_rate=1.0, clip_norm=limit)
        end = learned(tmp_path / path, optimizer, **once)
        return np.concatenate(
            [(end[name] - start[name]).ravel() for name in sorted(start) if "/critic/" in name]
        )

    limited, free = moved("limited", 0.01), moved("free", 0.0)
    assert np.linalg.norm(free) > 0.1
    np.testing.assert_allclose(limited, free * 0.01 / np.linalg.norm(free), atol=1e-6)
    np.testing.assert_array_equal(moved("long", 1e6), free)


def test_a_limit_is_for_all_devices_together(tmp_path: Path, two_devices: list[str]) -> None:
    limited = dataclasses.replace(SGD, clip_norm=0.05)
    one = learned(tmp_path / "one", limited)
    two = learned(tmp_path / "two", limited, strategy="mirrored", devices=2)
    assert far(two, one) < 1e-5
    assert far(learned(tmp_path / "free", SGD), one) > 1e-3
    # And for all parts of a batch together: the mean of shortened gradients is another one.
    assert far(learned(tmp_path / "parts", limited, accumulate=2), one) < 1e-5


TWO: dict[str, Any] = {"strategy": "mirrored", "devices": 2}


@pytest.mark.parametrize("devices", [{}, TWO], ids=["one", "two"])
@pytest.mark.parametrize("kind", [Smooth, Bounded])
def test_a_batch_in_parts_gives_the_gradients_of_the_whole(
    tmp_path: Path, two_devices: list[str], kind: type[Smooth], devices: dict[str, Any]
) -> None:
    whole = learned(tmp_path / "whole", SGD, precision="float64", kind=kind)
    parts = learned(tmp_path / "parts", SGD, accumulate=2, precision="float64", kind=kind, **devices)
    assert far(parts, whole) < 1e-12


def test_what_is_in_a_part_does_not_depend_on_the_devices(tmp_path: Path, two_devices: list[str]) -> None:
    parts: dict[str, Any] = {"accumulate": 2, "precision": "float64", "kind": Normalised}
    one, two = learned(tmp_path / "one", SGD, **parts), learned(tmp_path / "two", SGD, **parts, **TWO)
    assert far(two, one) < 1e-12
    assert far(learned(tmp_path / "whole", SGD, **{**parts, "accumulate": 1}), one) > 1e-6


def test_parts_must_divide_the_batch(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="A batch of 8 does not divide by 3 parts"):
        learned(tmp_path / "run", SGD, accumulate=3)


@pytest.mark.parametrize(
    ("cls", "values", "message"),
    [
        (Schedule, {"begin": 5, "end": 5}, "end .*: is not after begin, 5"),
        (Schedule, {"decay": "exponential"}, "an exponential decay never gets to 0"),
        (Schedule, {"decay": "step"}, "decay .*: a step down at step 0 leaves nothing of the rate"),
        (Schedule, {"decay": "step", "begin": 1, "end": 5}, "end .*: a step down has no end"),
        (Schedule, {"hold": 0.5, "end": 300}, "end .*: hold, 0.5, is a share of the phase"),
        (Schedule, {"begin": 5, "hold": 0.5}, "hold .*: begin, 5, says already where the decay begins"),
        (
            Training,
            {"steps": 9, "ramps": [{"term": "a/b", "end": 4}, {"term": "a/b", "begin": 4, "end": 8}]},
            "ramps .*: two of them are of the term 'a/b'",
        ),
        (Ramp, {"term": "a/b", "begin": 5, "end": 4}, "end .*: is not after begin, 5"),
    ],
)
def test_steps_that_make_no_sense_are_refused(cls: type, values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        from_mapping(cls, values, "my.toml")
