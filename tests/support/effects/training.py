"""How runs are trained: steps, reports, samples, checkpoints, seed, devices, precision."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from effects.bench import JUDGED, Bench, of_the_loop, reported, shows
from effects.optimizers import OPTIMIZERS
from gansuite.domain import Evaluation, Score
from gansuite.errors import UsageError
from gansuite.precision import layer_precision
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.training.crew import Crew
from gansuite.training.judging import Judge
from gansuite.training.strategy import make_strategy
from killing import start
from warm import warm

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


@of_the_loop("training.steps", "training.report_every")
def _(bench: Bench) -> None:
    assert [row["step"] for row in reported(bench.trained(*ONE_BY_ONE))] == [2, 4]
    assert [row["step"] for row in reported(bench.trained(*OTHERWISE))] == [3]


@of_the_loop("training.sample_every")
def _(bench: Bench) -> None:
    assert steps_in(bench.trained(*ONE_BY_ONE).samples) == [0, 3, 4]
    assert steps_in(bench.trained(*OTHERWISE).samples) == [0, 2, 3]


@of_the_loop("training.checkpoint_every", "training.keep")
def _(bench: Bench) -> None:
    assert steps_in(bench.trained(*ONE_BY_ONE).checkpoints) == [2, 3, 4]
    assert steps_in(bench.trained(*OTHERWISE).checkpoints) == [3]


@of_the_loop("training.checkpoint_minutes")
def _(bench: Bench) -> None:
    seldom = ("training.steps=3", "training.report_every=1", "training.checkpoint_every=9", "training.keep=9")
    assert steps_in(bench.trained(*seldom, "training.checkpoint_minutes=1e-9").checkpoints) == [1, 2, 3]
    assert steps_in(bench.trained(*seldom, "training.checkpoint_minutes=0").checkpoints) == [3]


#: A figure that is best when it is small and one when it is large: how far a value is from the best there is.
FIGURES: dict[str, tuple[str, Callable[[float, float], float]]] = {
    "dcgan": ("pixel PCA Fréchet distance", lambda value, _: value),
    "srgan": ("PSNR", lambda value, _: -value),
}


@shows("training.evaluate_every", "training.best", plugins=JUDGED)
def _(bench: Bench) -> None:
    name, distance = FIGURES[bench.plugin]
    sets = ("training.steps=3", "training.keep=1", "training.evaluate_every=1", "training.evaluate_count=4")
    run = bench.trained(*sets, f"training.best={name}", "data.valid_share=0.5")
    rows = [json.loads(line) for line in run.scores_file.read_text().splitlines()]
    assert [row["step"] for row in rows] == [0, 1, 2, 3]
    best = min(rows[1:], key=lambda row: distance(*row["scores"][name].values()))["step"]
    assert steps_in(run.checkpoints) == sorted({best, 3})
    assert not bench.trained(*ONE_BY_ONE).scores_file.exists()


@of_the_loop("training.metrics")
def _(bench: Bench) -> None:
    """That they judge is in tests/gansuite/test_contributions.py, with one that is installed."""
    with pytest.raises(UsageError, match="there is no metric 'not-there'"):
        bench.trained(*ONE_BY_ONE, 'training.metrics=["not-there"]')


@of_the_loop("training.evaluate_count")
def _(bench: Bench) -> None:
    asked: list[int] = []

    class Asked:
        def scores(self, evaluation: Evaluation) -> list[Score]:
            asked.append(evaluation.count)
            return []

        def take(self) -> None:
            return None

    for count in (4, 5):
        training = bench.config(f"training.evaluate_count={count}").training
        assert Judge(Asked(), Asked(), training).judge() == []  # type: ignore[arg-type]
    assert asked == [4, 5]


@of_the_loop("training.batch_size")
def _(bench: Bench) -> None:
    assert reported(bench.trained(*ONE_BY_ONE))[-1]["examples_seen"] == 4 * 2
    assert reported(bench.trained(*OTHERWISE))[-1]["examples_seen"] == 3 * 3


@of_the_loop("training.accumulate")
def _(bench: Bench) -> None:
    alone = ("generator.batch_norm=false", "discriminator.batch_norm=false")  # what normalises needs two rows
    for parts in (1, 2):
        assert bench.rows_seen("generator", f"training.accumulate={parts}", *alone) == [2 // parts] * parts


@of_the_loop(*(f"training.ramps[].{name}" for name in ("term", "begin", "end", "start", "finish")))
def _(bench: Bench) -> None:
    table = next(iter(OPTIMIZERS[bench.plugin].values()))
    player = next(iter(OPTIMIZERS[bench.plugin]))
    sets = (f"{table}.kind=sgd", f"{table}.learning_rate=1")
    terms = [name for name in bench.terms(player) if name.startswith("generator/")]
    whole = bench.moved(player, *sets, step=4)
    for ramp, share in (
        ("begin=4,end=5", 0), ("begin=3,end=4", 1), ("begin=2,end=6", 0.5),
        ("begin=2,end=6,start=1,finish=0.5", 0.75),
    ):  # fmt: skip
        ramps = ",".join(f'{{term="{term}",{ramp}}}' for term in terms)
        moved = bench.moved(player, *sets, f"training.ramps=[{ramps}]", step=4)
        np.testing.assert_allclose(moved, share * whole, rtol=1e-3, atol=1e-3 * np.abs(whole).max())


@of_the_loop("training.average")
def _(bench: Bench) -> None:
    run = bench.trained(*ONE_BY_ONE)
    assert saved(run, 4, "averages") == []
    run = bench.trained(*OTHERWISE)
    pairs = zip(saved(run, 3, "averages"), saved(run, 3, "networks"), strict=True)
    assert any((average != latest).any() for average, latest in pairs)


@of_the_loop("training.seed")
def _(bench: Bench) -> None:
    one, other = (
        saved(bench.trained(*sets), step, "networks") for sets, step in ((ONE_BY_ONE, 4), (OTHERWISE, 3))
    )
    largest = max(range(len(one)), key=lambda number: one[number].size)
    assert np.abs(one[largest] - other[largest]).mean() > 1e-3


@of_the_loop("training.precision")
def _(bench: Bench) -> None:
    for name, full in (("float32", "float32"), ("bfloat16", "float32"), ("float64", "float64")):
        config = bench.config(f"training.precision={name}")
        with layer_precision(config.training.precision):
            networks = load(bench.plugin).build_domain(config).networks().values()
        arithmetic = {layer.compute_dtype for network in networks for layer in network.layers}
        assert name in arithmetic
        assert {weight.dtype for network in networks for weight in network.weights} == {full}
        assert all(network.outputs[0].dtype == full for network in networks)


@of_the_loop("training.xla")
def _(bench: Bench) -> None:
    player = next(iter(OPTIMIZERS[bench.plugin]))
    for chosen in ("false", "true"):
        assert bench.is_compiled(player, f"training.xla={chosen}") == (chosen == "true")


@cache
def gives_up(minutes: float) -> str:
    """What a worker says whose only fellow is not there, and where it may wait so long."""
    task = {"type": "worker", "index": 0}
    config = {"cluster": {"worker": ["127.0.0.1:23811", "127.0.0.1:23812"]}, "task": task}
    patience = f"training.connect_minutes={minutes}"
    process = start(
        "train",
        "dcgan",
        "--strategy",
        "multiworker",
        "--set",
        patience,
        begin=warm(),
        TF_CONFIG=json.dumps(config),
    )
    return process.communicate(timeout=120)[1]


@of_the_loop("training.connect_minutes")
def _(bench: Bench) -> None:
    for minutes in (0.02, 0.03):
        assert f"could not be reached within {minutes} minutes" in gives_up(minutes)


@of_the_loop("training.strategy", "training.devices")
def _(bench: Bench) -> None:
    def replicas(*sets: str) -> int:
        return int(make_strategy(bench.config(*sets).training, Crew()).num_replicas_in_sync)

    assert replicas("training.strategy=one") == 1
    assert replicas("training.strategy=mirrored") == 2
    assert replicas("training.strategy=mirrored", "training.devices=1") == 1
    assert replicas("training.strategy=auto", "training.devices=2") == 2
    with pytest.raises(UsageError, match="uses 1 device here, not 2"):
        replicas("training.strategy=one", "training.devices=2")
