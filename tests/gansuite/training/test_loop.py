"""The guarantees of the shared loop, on a domain small enough to see through."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.errors import DivergenceError, PluginError, UsageError
from gansuite.game import Phase, Turn
from gansuite.layers.spectral import SpectralDense, vectors
from gansuite.metrics.evaluation import evaluate, keep
from gansuite.precision import full
from gansuite.runs import Run
from gansuite.settings import Strategy
from gansuite.training.averages import Averages
from gansuite.training.calibration import bfloat16_device
from gansuite.training.compiled import MOST_TERMS
from gansuite.training.crew import Crew
from gansuite.training.observers import Observer, Report
from gansuite.training.trained import load_trained
from gansuite.training.trainer import Trainer
from ring import Ring, RingDomain
from ring_runs import SHORT, Watcher, everything, metrics, ring


@pytest.mark.parametrize("devices", [1, 2])
def test_a_run_that_was_stopped_ends_bit_for_bit_like_one_that_was_not(
    tmp_path: Path, two_devices: list[str], devices: int
) -> None:
    kind = "one" if devices == 1 else "mirrored"
    training = dataclasses.replace(SHORT, strategy=kind, devices=devices)
    whole, _ = ring(tmp_path / "whole", training=training, warm_up=4)
    for steps in (3, 13, 20):
        parts, _ = ring(tmp_path / "parts", training=training, warm_up=4, steps=steps)
    expected, got = everything(whole, 20), everything(parts, 20)
    assert expected.keys() == got.keys()
    for name in expected:
        np.testing.assert_array_equal(got[name], expected[name], err_msg=name)
    assert metrics(whole) == [row for row in metrics(parts) if row["step"] in (4, 5, 10, 15, 20)]


def test_two_devices_do_what_one_does(tmp_path: Path, two_devices: list[str]) -> None:
    one, _ = ring(tmp_path / "one")
    two, _ = ring(tmp_path / "two", training=dataclasses.replace(SHORT, strategy="mirrored", devices=2))
    expected, got = everything(one, 20), everything(two, 20)
    for name in (name for name in expected if name.startswith(("networks", "averages"))):
        assert np.linalg.norm(got[name] - expected[name]) <= 1e-4 * np.linalg.norm(expected[name]), name


def test_in_float64_two_devices_differ_by_the_rounding_of_float64(
    tmp_path: Path, two_devices: list[str]
) -> None:
    exact = dataclasses.replace(SHORT, precision="float64")
    one, _ = ring(tmp_path / "one", training=exact)
    two, _ = ring(tmp_path / "two", training=dataclasses.replace(exact, strategy="mirrored", devices=2))
    expected, got = everything(one, 20), everything(two, 20)
    for name in (name for name in expected if name.startswith(("networks", "averages"))):
        assert expected[name].dtype == np.float64, name
        assert np.linalg.norm(got[name] - expected[name]) <= 1e-12 * np.linalg.norm(expected[name]), name


class Rounded(RingDomain):
    """A ring whose critic ends in float32, come what may."""

    def networks(self) -> dict[str, keras.Model]:
        last = keras.layers.Dense(1, dtype="float32", name="last")
        return {**super().networks(), "critic": keras.Sequential([keras.Input([2]), last])}


def test_weights_that_are_less_exact_than_the_run_are_named(tmp_path: Path) -> None:
    training = dataclasses.replace(SHORT, precision="float64")
    with pytest.raises(PluginError, match="last/kernel is float32; this run's weights are float64"):
        ring(tmp_path / "run", training=training, kind=Rounded)


class Talkative(RingDomain):
    """A ring whose critic has more to say than can be reported."""

    def critic_loss(self, turn: Turn) -> dict[str, tf.Tensor]:
        [loss] = super().critic_loss(turn).values()
        return {f"part-{number}": loss for number in range(MOST_TERMS)}


@pytest.mark.parametrize("warm_up", [0, 4])
def test_more_terms_than_can_be_reported_are_refused_before_the_first_step(
    tmp_path: Path, warm_up: int
) -> None:
    # With a warm-up, by the generator alone, it is the second phase that has them.
    with pytest.raises(PluginError, match=f"have {MOST_TERMS + 1} terms; {MOST_TERMS} can be reported"):
        ring(tmp_path / "run", kind=Talkative, warm_up=warm_up)
    assert not (tmp_path / "run" / "checkpoints").exists()
    assert not (tmp_path / "run" / "metrics.jsonl").exists()


class Weighted(RingDomain):
    """A ring whose players weigh a term."""

    term = "adversarial"

    def phases(self) -> Sequence[Phase]:
        return [
            dataclasses.replace(
                phase,
                players=tuple(
                    dataclasses.replace(player, weights={self.term: 2.0, "left out": 0.0})
                    for player in phase.players
                ),
            )
            for phase in super().phases()
        ]


class Mistyped(Weighted):
    """A ring whose players weigh a term that there is not."""

    term = "adversarail"


@pytest.mark.parametrize("warm_up", [0, 4])
def test_a_weight_of_a_term_that_there_is_not_is_refused_before_the_first_step(
    tmp_path: Path, warm_up: int
) -> None:
    ring(tmp_path / "right", kind=Weighted, warm_up=warm_up, steps=1)
    with pytest.raises(PluginError, match="has a weight for adversarail") as caught:
        ring(tmp_path / "run", kind=Mistyped, warm_up=warm_up)
    assert "did you mean adversarial?" in str(caught.value)
    assert not (tmp_path / "run" / "metrics.jsonl").exists()


def test_what_float64_learned_answers_in_float32(tmp_path: Path) -> None:
    training = dataclasses.replace(SHORT, precision="float64")
    run, _ = ring(tmp_path / "run", training=training)
    trained = load_trained(run, RingDomain(Ring(training=training)), note=print)
    kept = everything(run, 20)
    for number, variable in enumerate(trained.local.networks["generator"].variables):
        average = kept[f"averages/generator/{number}/.ATTRIBUTES/VARIABLE_VALUE"]
        np.testing.assert_array_equal(variable.numpy(), average.astype(np.float32))
    assert trained.call("sample", {"seed": np.arange(3)})["points"].dtype == np.float32


def test_a_run_goes_on_with_another_number_of_devices(tmp_path: Path, two_devices: list[str]) -> None:
    mirrored = dataclasses.replace(SHORT, strategy="mirrored", devices=2)
    one, _ = ring(tmp_path / "one")
    ring(tmp_path / "both", steps=10)
    both, _ = ring(tmp_path / "both", training=mirrored)
    expected, got = everything(one, 20), everything(both, 20)
    for name in (name for name in expected if name.startswith("networks")):
        assert np.linalg.norm(got[name] - expected[name]) <= 1e-4 * np.linalg.norm(expected[name]), name


def test_another_seed_gives_another_run(tmp_path: Path) -> None:
    one, _ = ring(tmp_path / "one", steps=2)
    two, _ = ring(tmp_path / "two", steps=2, training=dataclasses.replace(SHORT, seed=1))
    first, second = everything(one, 2), everything(two, 2)
    kernel = next(name for name in first if name.startswith("networks/generator/0/"))
    assert not np.intersect1d(first[kernel], second[kernel]).size


def test_reports_samples_and_checkpoints_come_when_they_are_due(tmp_path: Path) -> None:
    watcher = Watcher()
    run, outcome = ring(tmp_path / "run", watcher)
    # A checkpoint is told once it is whole, which training does not wait for.
    assert [one for one in watcher.told if one[0] != "checkpoint"] == [
        ("samples", 0), ("report", 5), ("report", 10), ("samples", 10), ("report", 15), ("report", 20),
        ("samples", 20),
    ]  # fmt: skip
    assert [step for event, step in watcher.told if event == "checkpoint"] == [7, 14, 20]
    assert (outcome.step, outcome.reason) == (20, "done")
    assert sorted(path.name for path in run.samples.iterdir()) == [
        "step-00000000", "step-00000010", "step-00000020",
    ]  # fmt: skip


def test_bfloat16_on_a_cpu_is_said_to_be_slow(tmp_path: Path) -> None:
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU")
    told = []
    for precision in ("float32", "bfloat16"):
        watcher = Watcher()
        ring(tmp_path / precision, watcher, training=dataclasses.replace(SHORT, precision=precision), steps=1)
        told.append([message for kind, message in watcher.told if kind == "note"])
    slow = "this CPU has no arithmetic for bfloat16, which makes it slower than float32"
    assert [[message.rpartition(",")[0] for message in messages] for messages in told] == [
        [], [] if bfloat16_device()[1] else [slow],
    ]  # fmt: skip


def test_a_report_is_the_mean_over_its_steps_however_they_were_divided(tmp_path: Path) -> None:
    each, _ = ring(tmp_path / "each", training=dataclasses.replace(SHORT, report_every=1))
    fives, _ = ring(tmp_path / "fives")
    single = [row["terms"]["critic/adversarial"] for row in metrics(each)]
    means = [np.mean(single[start : start + 5]) for start in range(0, 20, 5)]
    np.testing.assert_allclose(
        [row["terms"]["critic/adversarial"] for row in metrics(fives)], means, rtol=1e-6
    )


def test_the_average_starts_fresh_and_then_follows_the_decay(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run", steps=3, training=dataclasses.replace(SHORT, checkpoint_every=1, keep=9))
    saved = {step: everything(run, step) for step in (1, 2, 3)}
    name = "generator/0/.ATTRIBUTES/VARIABLE_VALUE"
    for step in (1, 2):
        keep = min(0.9, (1 + step) / (10 + step))
        before, latest = saved[step][f"averages/{name}"], saved[step + 1][f"networks/{name}"]
        expected = keep * before + (1 - keep) * latest
        np.testing.assert_allclose(saved[step + 1][f"averages/{name}"], expected, rtol=1e-6)


def test_the_average_of_a_network_that_is_trained_later_forgets_its_start_as_well() -> None:
    networks = {name: keras.Sequential([keras.Input([1]), keras.layers.Dense(1)]) for name in ("a", "b")}
    averages = Averages(networks, 0.999, {"b": 1000})
    for network in networks.values():
        for variable in network.variables:
            variable.assign(variable + 1.0)
    averages.update(tf.constant(1000, tf.int64))
    for name, kept in (("a", 1001 / 1010), ("b", 1 / 10)):
        for average, source in zip(averages.variables[name], networks[name].variables, strict=True):
            np.testing.assert_allclose(source.numpy() - average.numpy(), kept, rtol=1e-3)


@pytest.mark.parametrize(("strategy", "alone"), [("one", False), ("mirrored", False), ("mirrored", True)])
def test_divergence_stops_the_run_and_says_where(
    tmp_path: Path, two_devices: list[str], strategy: str, alone: bool
) -> None:
    training = dataclasses.replace(SHORT, strategy=strategy, devices=0 if strategy == "one" else 2)
    with pytest.raises(DivergenceError) as caught:
        ring(tmp_path / "run", training=training, blow_up_at=16, blow_up_alone=alone)
    assert re.search("term adversarial of player critic became (inf|nan) at step 17", str(caught.value))
    assert "The checkpoint of step 14 is kept" in str(caught.value)
    assert caught.value.exit_code == 4
    values = everything(Run.open(tmp_path / "run"), 14)
    assert all(np.isfinite(value).all() for value in values.values())


@pytest.mark.parametrize(("strategy", "devices"), [("one", 1), ("mirrored", 2)])
def test_steps_are_compiled_once_and_before_the_first(
    tmp_path: Path, two_devices: list[str], strategy: Strategy, devices: int
) -> None:
    told: list[str] = []

    class Looked(RingDomain):
        def critic_loss(self, turn: Turn) -> Mapping[str, tf.Tensor]:
            told.append("traced")
            terms: Mapping[str, tf.Tensor] = super().critic_loss(turn)
            return terms

    class Told(Observer):
        def compiling(self, phase: str) -> None:
            told.append("compiling")

        def compiled(self, phase: str) -> None:
            told.append("compiled")

        def report(self, report: Report) -> None:
            told.append("report")

    training = dataclasses.replace(SHORT, strategy=strategy, devices=devices)
    ring(tmp_path / "run", Told(), training=training, kind=Looked)
    begun, done = told.index("compiling"), told.index("compiled")
    assert "traced" in told[begun:done]
    assert set(told[done + 1 :]) == {"report"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_with_a_checkpoint_and_the_run_goes_on_from_there(
    tmp_path: Path, number: signal.Signals
) -> None:
    class Interrupter(Observer):
        def report(self, report: Report) -> None:
            if report.step == 10:
                os.kill(os.getpid(), number)

    run, outcome = ring(tmp_path / "run", Interrupter())
    assert (outcome.step, outcome.reason) == (10, "interrupted")
    assert (run.checkpoints / "step-00000010").is_dir()
    run, outcome = ring(tmp_path / "run")
    whole, _ = ring(tmp_path / "whole")
    assert outcome.reason == "done"
    for name, expected in everything(whole, 20).items():
        np.testing.assert_array_equal(everything(run, 20)[name], expected, err_msg=name)


def test_a_signal_before_steps_are_compiled_is_heard_at_once(tmp_path: Path) -> None:
    class Interrupter(Observer):
        def __init__(self) -> None:
            self.compiled_phases: list[str] = []

        def samples(self, step: int, files: Sequence[Path]) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

        def compiling(self, phase: str) -> None:
            self.compiled_phases.append(phase)

    interrupter = Interrupter()
    _, outcome = ring(tmp_path / "run", interrupter)
    assert (outcome.step, outcome.reason) == (0, "interrupted")
    assert interrupter.compiled_phases == []
    _, outcome = ring(tmp_path / "run")
    assert outcome.step == 20


class Bounded(RingDomain):
    """A ring whose critic has a layer of spectral norm 1, which follows its weights from use to use."""

    def networks(self) -> dict[str, keras.Model]:
        layers = [keras.Input([2]), SpectralDense(8), keras.layers.Dense(1, dtype=full())]
        return {**super().networks(), "critic": keras.Sequential(layers)}


def test_what_workers_compare_at_the_end_leaves_out_what_each_follows_by_itself(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run", kind=Bounded, steps=2)
    one = tf.distribute.get_strategy()
    domain, training = Bounded(Ring(training=SHORT)), SHORT
    trainer = Trainer(
        run=run, domain=domain, training=training, strategy=one, observer=Observer(), crew=Crew()
    )
    before, critic = trainer._learned(), trainer._state.networks["critic"]
    [vector] = vectors(critic)
    vector.assign(vector + 1e-7)
    assert trainer._learned() == before
    critic.trainable_variables[0].assign_add(tf.fill(critic.trainable_variables[0].shape, 1e-7))
    assert trainer._learned() != before


def test_the_batch_must_divide_by_the_devices(tmp_path: Path, two_devices: list[str]) -> None:
    training = dataclasses.replace(SHORT, strategy="mirrored", devices=2, batch_size=9)
    with pytest.raises(UsageError, match="A batch of 9 does not divide by 2 devices") as caught:
        ring(tmp_path / "run", training=training)
    assert "--batch-size 8 or 10" in str(caught.value)


def test_bfloat16_layers_keep_float32_weights_and_learn(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run", training=dataclasses.replace(SHORT, precision="bfloat16"))
    exact, _ = ring(tmp_path / "exact")
    saved, expected = everything(run, 20), everything(exact, 20)
    assert all(value.dtype != tf.bfloat16.as_numpy_dtype for value in saved.values())
    name = "networks/generator/0/.ATTRIBUTES/VARIABLE_VALUE"
    assert np.any(saved[name] != expected[name])
    assert np.linalg.norm(saved[name] - expected[name]) < 0.05 * np.linalg.norm(expected[name])


def test_a_trained_run_answers_with_the_averages(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run")
    trained = load_trained(run, RingDomain(Ring(training=SHORT)), note=print)
    for network, kind in (("generator", "averages"), ("critic", "networks")):
        for number, variable in enumerate(trained.local.networks[network].variables):
            saved = everything(run, 20)[f"{kind}/{network}/{number}/.ATTRIBUTES/VARIABLE_VALUE"]
            np.testing.assert_array_equal(variable.numpy(), saved)


def test_without_a_decay_no_averages_are_kept_and_the_networks_answer(tmp_path: Path) -> None:
    plain = dataclasses.replace(SHORT, average=0.0)
    run, _ = ring(tmp_path / "run", steps=3, training=dataclasses.replace(plain, checkpoint_every=1))
    saved = everything(run, 3)
    assert [name for name in saved if name.startswith("averages")] == []
    trained = load_trained(run, RingDomain(Ring(training=plain)), note=print)
    for number, variable in enumerate(trained.local.networks["generator"].variables):
        name = f"networks/generator/{number}/.ATTRIBUTES/VARIABLE_VALUE"
        np.testing.assert_array_equal(variable.numpy(), saved[name])


def test_answers_do_not_depend_on_the_batch(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run", steps=5)
    trained = load_trained(run, RingDomain(Ring(training=SHORT)), note=print)
    seeds = np.arange(10)
    together = trained.call("sample", {"seed": seeds})["points"]
    apart = trained.call("sample", {"seed": seeds}, batch=3)["points"]
    np.testing.assert_allclose(apart, together, rtol=1e-5, atol=1e-6)


def test_evaluation_is_kept_with_the_run(tmp_path: Path) -> None:
    run, _ = ring(tmp_path / "run", steps=5)
    trained = load_trained(run, RingDomain(Ring(training=SHORT)), note=print)
    (score,), evaluation = evaluate(trained, count=50, seed=3)
    keep(run.evaluation_file, evaluation)
    kept = json.loads(run.evaluation_file.read_text())
    assert (kept["step"], kept["count"], kept["seed"]) == (5, 50, 3)
    assert kept["scores"][0]["value"] == pytest.approx(float(score.value))
    assert score.reference == pytest.approx(1.0, abs=0.01)
