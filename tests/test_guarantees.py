"""What the core promises of every run, kept by every plugin of this repository."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import op_def_registry

from gansuite.composition import Request, compose
from gansuite.domain import Domain
from gansuite.export.asking import example_inputs
from gansuite.export.exporting import export
from gansuite.export.model import served
from gansuite.game import Networks, Phase, Player, Terms, Turn
from gansuite.noise import Noise
from gansuite.precision import layer_precision
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.settings import Precision
from gansuite.training.play import Play
from gansuite.training.stream import Share, stream
from gansuite.training.trained import Trained, load_trained
from killing import (
    COMPARED,
    MOMENTS,
    STEPS,
    TRAINING,
    devices_flags,
    differing,
    distance,
    finish,
    kill,
    metrics,
    tensors,
    untimed,
)
from tiny import TINY, plugins_of_this_repository

PLUGINS = plugins_of_this_repository()
#: Those killed on two devices too: with one phase, with two, and with a game of their own. What is kept for
#: several devices is the same for all; `benchmarks/kills.py` kills every plugin on two.
ON_TWO = ("dcgan", "f-anogan", "musegan")
ROWS = 8
#: Rows that a server may put together.
MANY = 64
#: A tiny run on a busy machine may be done before its moment is seen.
ATTEMPTS = 5

Finished = Callable[[str, int], Path]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run from beginning to end: of a plugin, on so many devices."""

    @cache
    def train(plugin: str, devices: int) -> Path:
        folder = tmp_path_factory.mktemp(plugin)
        data = TINY[plugin].arguments(folder)
        finish("train", plugin, *data, *TRAINING, *devices_flags(devices), "--out", str(folder / "run"), "-q")
        return folder / "run"

    return train


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_plugin_of_this_repository_is_put_to_the_test(plugin: str) -> None:
    assert plugin in TINY


@pytest.mark.parametrize(
    ("plugin", "devices"),
    [(plugin, 1) for plugin in PLUGINS] + [(plugin, 2) for plugin in ON_TWO],
)
def test_a_killed_run_ends_bit_for_bit_like_one_that_was_not(
    tmp_path: Path, uninterrupted: Finished, plugin: str, devices: int
) -> None:
    whole = uninterrupted(plugin, devices)
    choice = random.Random(f"{plugin} {devices}")  # noqa: S311
    command = ["train", plugin, *TINY[plugin].arguments(tmp_path), *TRAINING, *devices_flags(devices)]
    # Each moment comes to a third of the runs, and another one to the same plugin on other devices.
    moment = MOMENTS[(PLUGINS.index(plugin) + devices) % len(MOMENTS)]
    for attempt in range(ATTEMPTS):
        killed = tmp_path / f"run-{attempt}"
        died = kill(killed, choice, moment, *command, "--out", str(killed), "-q")
        if died is not None and died.reached < STEPS:
            break
    else:
        raise AssertionError("the run was done each time before it could be killed")
    finish("train", "--resume", str(killed), "-q")
    assert [name for step in (COMPARED, STEPS) for name in differing(killed, whole, step)] == []
    assert untimed(metrics(killed)) == untimed(metrics(whole))
    assert [row["step"] for row in metrics(killed)] == list(range(2, STEPS + 1, 2))
    assert pictures(killed) == pictures(whole)
    assert [path for part in ("checkpoints", "samples") for path in (killed / part).glob(".*")] == []


def opened(path: Path) -> Trained:
    """What a run learned."""
    run = Run.open(path)
    announced = load(run.plugin)
    return load_trained(run, announced.build_domain(run.config(announced.config_class())), note=print)


def pictures(run: Path) -> dict[str, bytes]:
    """What was drawn on the way."""
    files = (path for path in (run / "samples").rglob("*") if path.is_file())
    return {str(path.relative_to(run)): path.read_bytes() for path in files}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_what_is_drawn_last_is_what_the_run_has_learned(
    tmp_path: Path, uninterrupted: Finished, plugin: str
) -> None:
    trained = opened(uninterrupted(plugin, 1))
    preview = trained.domain.preview()
    outputs = trained.call(preview.endpoint, preview.inputs)
    trained.domain.render(outputs, tmp_path, preview.names)
    drawn = trained.run.samples / f"step-{STEPS:08d}"
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files
    assert files == sorted(path.name for path in drawn.iterdir())
    assert [name for name in files if (tmp_path / name).read_bytes() != (drawn / name).read_bytes()] == []


@pytest.mark.parametrize("plugin", PLUGINS)
def test_what_is_exported_answers_as_the_run_does(
    tmp_path: Path, uninterrupted: Finished, plugin: str
) -> None:
    trained = opened(uninterrupted(plugin, 1))
    # Compares one row and three in a process of its own.
    version = export(trained, tmp_path, name=plugin, number=None, note=print)
    signatures = tf.saved_model.load(str(version)).signatures
    assert set(signatures) == set(served(trained))
    for name, endpoint in served(trained).items():
        inputs = example_inputs(name, endpoint, MANY)
        answers = signatures[name](**{key: tf.constant(value) for key, value in inputs.items()})
        for key, expected in trained.call(name, inputs).items():
            assert len(expected) == MANY
            if expected.dtype != object:
                np.testing.assert_allclose(answers[key], expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_two_devices_learn_what_one_does(uninterrupted: Finished, plugin: str) -> None:
    one = tensors(uninterrupted(plugin, 1), COMPARED)
    two = tensors(uninterrupted(plugin, 2), COMPARED)
    assert one.keys() == two.keys()
    apart = {
        name: distance(one[name], two[name]) for name in one if name.startswith(("networks/", "averages/"))
    }
    assert {name: figure for name, figure in apart.items() if not figure < 1e-4} == {}


# What makes hidden random numbers shows in the graphs that a run executes.

_COMPUTING = {"AddV2", "Conv2D", "MatMul", "Mean", "Mul", "RealDiv", "Square", "Sub", "Sum"}
_RANDOM = re.compile(r"Random|Multinomial|Dropout|TruncatedNormal|^Rng|NonDeterministic|^Stateful|PyFunc")


def hidden_draws(graph: tf.Graph) -> set[str]:
    """What in a graph and its functions draws from state of its own, or could: Python has some."""
    definition = graph.as_graph_def()
    nodes = [*definition.node, *(node for one in definition.library.function for node in one.node_def)]
    drawing = {node.op for node in nodes if _RANDOM.search(node.op)}
    # Keras draws statelessly, from a variable that it moves on itself.
    seeds = {variable.name for variable in graph.variables if "seed" in variable.name}
    return seeds | {name for name in drawing if op_def_registry.get(name).is_stateful}


def graph_of(function: Callable[..., Any], *specs: Any) -> tf.Graph:
    return tf.function(function, autograph=False).get_concrete_function(*specs).graph


def test_a_hidden_draw_would_be_found() -> None:
    moved_on = keras.random.SeedGenerator(1)
    generator = tf.random.Generator.from_seed(1)
    draws: dict[str, Callable[[], Any]] = {
        "seeded": lambda: tf.random.normal([2], seed=1),
        "order": lambda: tf.random.shuffle(tf.range(3), seed=1),
        "generator": lambda: generator.normal([2]),
        "keras": lambda: keras.random.normal([2], seed=moved_on),
        "numpy": lambda: tf.numpy_function(np.random.rand, [], tf.float64),
        "in a loop": lambda: tf.while_loop(
            lambda _: True, lambda _: tf.random.normal([], seed=1), [0.0], maximum_iterations=2
        ),
        "in a function": lambda: tf.map_fn(lambda _: tf.random.uniform([], seed=1), tf.zeros(2)),
    }
    assert [name for name, draw in draws.items() if not hidden_draws(graph_of(draw))] == []
    assert hidden_draws(graph_of(lambda: Noise(seed=1, rows=2).normal("noise"))) == set()


def test_a_layer_with_a_seed_of_its_own_would_be_found() -> None:
    network = keras.Sequential(
        [keras.Input([2]), keras.Sequential([keras.layers.Dense(2), keras.layers.Dropout(0.5)])]
    )
    assert layers_that_draw(network) == ["dropout"]


def layers_that_draw(network: keras.Model) -> list[str]:
    """Names of the layers, at any depth, that keep a seed generator."""
    layers = network._flatten_layers(include_self=True, recursive=True)
    return [layer.name.rpartition("_")[0] or layer.name for layer in layers if layer._seed_generators]


class Game:
    """A tiny plugin's domain with its networks, outside of any run."""

    def __init__(self, plugin: str, folder: Path) -> None:
        announced = load(plugin)
        sets = [f"data.source={TINY[plugin].data(folder)}", *TINY[plugin].settings, "training.steps=2"]
        self.config: Any = compose(announced, Request(assignments=sets))
        self.domain: Domain = announced.build_domain(self.config)
        self.examples = self.domain.examples("train")
        with layer_precision("float32"):
            self.networks = self.domain.networks()

    def batch(self) -> Any:
        return next(iter(stream(self.examples, Share(batch_size=ROWS), seed=0, first_batch=0)))

    def step(self, phase: Phase, networks: Networks, precision: Precision) -> tf.Graph:
        """The graph of one step of a phase."""
        rows = tf.nest.map_structure(
            lambda spec: tf.TensorSpec([ROWS, *spec.shape], spec.dtype), self.examples.spec
        )
        # Kept, because the graph does not hold the optimizers' variables.
        training = dataclasses.replace(self.config.training, batch_size=ROWS, precision=precision)
        self._play = Play(phase, networks, training, replicas=1, steps=training.steps)
        return graph_of(self._play.step, [rows] * phase.rounds, tf.TensorSpec([], tf.int64))

    def players(self) -> Iterator[Player]:
        for phase in self.domain.phases():
            yield from phase.players


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Game]:
    return cache(lambda plugin: Game(plugin, tmp_path_factory.mktemp(plugin)))


@pytest.mark.parametrize("plugin", PLUGINS)
def test_no_layer_keeps_a_seed_of_its_own(game: Callable[[str], Game], plugin: str) -> None:
    for network in game(plugin).networks.values():
        assert layers_that_draw(network) == []
        assert [one.path for one in network.variables if "seed" in one.path] == []


@pytest.mark.parametrize("plugin", PLUGINS)
def test_nothing_in_a_step_draws_hidden_random_numbers(game: Callable[[str], Game], plugin: str) -> None:
    played = game(plugin)
    used: set[str] = set()
    for phase in played.domain.phases():
        graph = played.step(phase, played.networks, "float32")
        assert hidden_draws(graph) == set()
        used |= operations(graph)
    assert any("Stateless" in operation for operation in used) == TINY[plugin].draws


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_step_in_float64_computes_nothing_in_float32(game: Callable[[str], Game], plugin: str) -> None:
    played = game(plugin)
    with layer_precision("float64"):
        networks = played.domain.networks()
        phases = played.domain.phases()
    for phase in phases:
        graph = played.step(phase, networks, "float64")
        computing = [one for one in graph.get_operations() if one.type in _COMPUTING]
        assert any(one.outputs[0].dtype == tf.float64 for one in computing)
        assert [one.name for one in computing if one.outputs[0].dtype == tf.float32] == []


def operations(graph: tf.Graph) -> set[str]:
    return {operation.type for operation in graph.get_operations()}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_no_example_and_no_answer_draws_hidden_random_numbers(
    game: Callable[[str], Game], plugin: str
) -> None:
    played = game(plugin)

    def load_examples(indices: tf.Tensor, first: tf.Tensor) -> Any:
        return played.examples.load(indices, Noise(seed=0, first_row=first, rows=ROWS))

    drawn = hidden_draws(
        graph_of(load_examples, tf.TensorSpec([ROWS], tf.int64), tf.TensorSpec([], tf.int64))
    )
    assert drawn == set()
    for endpoint in played.domain.endpoints().values():
        names, function = list(endpoint.inputs), endpoint.function

        def answer(*values: tf.Tensor, names: Sequence[str] = names, function: Any = function) -> Any:
            return dict(function(played.networks, **dict(zip(names, values, strict=True))))

        assert hidden_draws(graph_of(answer, *endpoint.inputs.values())) == set()


class Twice(Noise):
    """Noise for a batch that is repeated: the numbers of the first half again."""

    def _draw(self, name: str, shape: Sequence[int], operation: object) -> tf.Tensor:
        once = super()._draw(name, shape, operation)
        return tf.concat([once, once], axis=0)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_loss_is_a_mean_over_the_batch(game: Callable[[str], Game], plugin: str) -> None:
    played = game(plugin)
    batch = played.batch()
    repeated = tf.nest.map_structure(lambda rows: tf.concat([rows, rows], axis=0), batch)
    noise = {"seed": 1, "step": 5, "rows": ROWS}
    variables = [variable for network in played.networks.values() for variable in network.variables]
    values = [variable.numpy() for variable in variables]

    def loss(player: Player, turn: Turn) -> Terms:
        # Statistics and the vectors of spectral normalisation move whenever a network is looked through.
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        return player.loss(turn)

    for player in played.players():
        turn = Turn(
            networks=played.networks, batch=batch, noise=Noise(**noise), step=tf.constant(5, tf.int64)
        )
        twice = dataclasses.replace(turn, batch=repeated, noise=Twice(**noise))
        once, again = loss(player, turn), loss(player, twice)
        assert once.keys() == again.keys()
        for name, term in once.items():
            assert term.dtype == tf.float32
            np.testing.assert_allclose(again[name], term, rtol=1e-5, atol=1e-7, err_msg=name)
