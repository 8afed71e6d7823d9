"""How runs are trained: steps, reports, samples, checkpoints, seed, devices, precision."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from effects.bench import Bench, reported, shows
from gansuite.errors import UsageError
from gansuite.precision import layer_precision
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.training.strategy import make_strategy

ONE_BY_ONE = (
    "training.steps=4", "training.report_every=2", "training.sample_every=3", "training.checkpoint_every=1",
    "training.keep=3",
)  # fmt: skip
OTHERWISE = (
    "training.steps=3", "training.report_every=3", "training.sample_every=2", "training.checkpoint_every=2",
    "training.keep=1", "training.average=0.5", "training.seed=1", "training.batch_size=3",
)  # fmt: skip


def steps_in(folder: Path) -> list[int]:
    return sorted(int(path.name.removeprefix("step-")) for path in folder.iterdir())


def saved(run: Run, step: int, kind: str) -> list[np.ndarray]:
    """What a checkpoint holds of the generator: its latest weights (`networks`) or their `averages`."""
    reader = tf.train.load_checkpoint(str(run.checkpoints / f"step-{step:08d}" / "state"))
    names = sorted(reader.get_variable_to_shape_map())
    return [reader.get_tensor(name) for name in names if name.startswith(f"{kind}/generator/")]


@shows("training.steps", "training.report_every")
def _(bench: Bench) -> None:
    assert [row["step"] for row in reported(bench.trained(*ONE_BY_ONE))] == [2, 4]
    assert [row["step"] for row in reported(bench.trained(*OTHERWISE))] == [3]


@shows("training.sample_every")
def _(bench: Bench) -> None:
    assert steps_in(bench.trained(*ONE_BY_ONE).samples) == [0, 3, 4]
    assert steps_in(bench.trained(*OTHERWISE).samples) == [0, 2, 3]


@shows("training.checkpoint_every", "training.keep")
def _(bench: Bench) -> None:
    assert steps_in(bench.trained(*ONE_BY_ONE).checkpoints) == [2, 3, 4]
    assert steps_in(bench.trained(*OTHERWISE).checkpoints) == [3]


@shows("training.batch_size")
def _(bench: Bench) -> None:
    assert reported(bench.trained(*ONE_BY_ONE))[-1]["examples_seen"] == 4 * 2
    assert reported(bench.trained(*OTHERWISE))[-1]["examples_seen"] == 3 * 3


@shows("training.average")
def _(bench: Bench) -> None:
    run = bench.trained(*ONE_BY_ONE)
    for average, latest in zip(saved(run, 4, "averages"), saved(run, 4, "networks"), strict=True):
        np.testing.assert_array_equal(average, latest)
    run = bench.trained(*OTHERWISE)
    pairs = zip(saved(run, 3, "averages"), saved(run, 3, "networks"), strict=True)
    assert any((average != latest).any() for average, latest in pairs)


@shows("training.seed")
def _(bench: Bench) -> None:
    one, other = (
        saved(bench.trained(*sets), step, "networks") for sets, step in ((ONE_BY_ONE, 4), (OTHERWISE, 3))
    )
    largest = max(range(len(one)), key=lambda number: one[number].size)
    assert np.abs(one[largest] - other[largest]).mean() > 1e-3


@shows("training.precision")
def _(bench: Bench) -> None:
    for name, full in (("float32", "float32"), ("bfloat16", "float32"), ("float64", "float64")):
        config = bench.config(f"training.precision={name}")
        with layer_precision(config.training.precision):
            networks = load(bench.plugin).build_domain(config).networks().values()
        arithmetic = {layer.compute_dtype for network in networks for layer in network.layers}
        assert name in arithmetic
        assert {weight.dtype for network in networks for weight in network.weights} == {full}
        assert all(network.outputs[0].dtype == full for network in networks)


@shows("training.strategy", "training.devices")
def _(bench: Bench) -> None:
    def replicas(*sets: str) -> int:
        return int(make_strategy(bench.config(*sets).training).num_replicas_in_sync)

    assert replicas("training.strategy=one") == 1
    assert replicas("training.strategy=mirrored") == 2
    assert replicas("training.strategy=mirrored", "training.devices=1") == 1
    assert replicas("training.strategy=auto", "training.devices=2") == 2
    with pytest.raises(UsageError, match="cannot use 2 devices"):
        replicas("training.strategy=one", "training.devices=2")
