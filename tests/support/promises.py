"""What the core promises of every run: tests for the plugins that a module of `tests/guarantees` names.

Such a module has `PLUGINS`, their names, and `KILLED`: which are killed, on how many devices, and when. With
one phase and with two, and at each moment, is enough: that a run can go on is checked for all, and
`benchmarks/kills.py` kills every plugin on one device and on two.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from gansuite.composition import Request
from gansuite.export.asking import example_inputs
from gansuite.export.beside import CARD
from gansuite.export.model import served
from gansuite.export.verifying import TOLERANCE, distance
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.testing import Outcome, check_names, check_plugin, sitting
from gansuite.testing.reading import differing, metrics, untimed
from gansuite.testing.subject import Subject
from gansuite.training.trained import Trained, load_trained
from killing import COMPARED, SETTINGS, STEPS, TRAINING, Moment, devices_flags, finish, kill
from tiny import TINY
from warm import warm

#: Rows that a server may put together.
MANY = 64
#: A tiny run on a busy machine may be done before its moment is seen.
ATTEMPTS = 5

Folder = Callable[[str], Path]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A folder for a plugin, with its data."""
    return cache(tmp_path_factory.mktemp)


@pytest.fixture(scope="module")
def checked(place: Folder, request: pytest.FixtureRequest) -> Iterator[Callable[[str], dict[str, Outcome]]]:
    """What came out of checking a plugin, by check. Its runs, from beginning to end, lie in `checked`."""
    longer = {plugin for plugin, _, _ in request.module.KILLED}

    @cache
    def check(plugin: str) -> dict[str, Outcome]:
        settings = (*TINY[plugin].settings, *(SETTINGS if plugin in longer else ()))
        folder = place(plugin) / "checked"
        report = check_plugin(plugin, data=TINY[plugin].data(place(plugin)), settings=settings, folder=folder)
        return {one.check: one for one in report.outcomes}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sitting, "COMMAND", warm())
        yield check


@pytest.mark.parametrize("check", check_names())
def test_a_plugin_of_this_repository_conforms(
    checked: Callable[[str], dict[str, Outcome]], plugin: str, check: str
) -> None:
    assert checked(plugin)[check].problem is None


def test_a_killed_run_ends_bit_for_bit_like_one_that_was_not(
    tmp_path: Path,
    checked: Callable[[str], dict[str, Outcome]],
    place: Folder,
    plugin: str,
    devices: int,
    moment: Moment,
) -> None:
    assert checked(plugin)["devices"].problem is None
    whole = place(plugin) / "checked" / f"on-{devices}"
    choice = random.Random(f"{plugin} {devices}")  # noqa: S311
    command = ["train", plugin, *TINY[plugin].arguments(tmp_path), *TRAINING, *devices_flags(devices)]
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


def test_what_is_exported_answers_many_rows_as_the_run_does(
    checked: Callable[[str], dict[str, Outcome]], place: Folder, plugin: str
) -> None:
    """The check compares one row and three in a process of its own."""
    assert checked(plugin)["export"].problem is None
    folder = place(plugin) / "checked"
    trained = opened(folder / "on-1")
    signatures = tf.saved_model.load(str(folder / "exported" / plugin / "1")).signatures
    assert set(signatures) == set(served(trained))
    for name, endpoint in served(trained).items():
        inputs = example_inputs(name, endpoint, MANY)
        answers = signatures[name](**{key: tf.constant(value) for key, value in inputs.items()})
        for key, expected in trained.call(name, inputs).items():
            assert len(expected) == MANY
            if expected.dtype == object:
                assert distance(answers[key].numpy(), expected) <= TOLERANCE
            else:
                np.testing.assert_allclose(answers[key], expected, rtol=1e-6, atol=1e-6)


def test_the_card_says_what_all_that_is_taken_and_given_means(
    checked: Callable[[str], dict[str, Outcome]], place: Folder, plugin: str
) -> None:
    assert checked(plugin)["export"].problem is None
    text = (place(plugin) / "checked" / "exported" / plugin / "1" / CARD).read_text()
    rows = [re.findall(r"`(\w+)`", line) for line in text.splitlines() if line.startswith("| `")]
    assert rows
    named = [f"- `{signature}`, `{name}`: " for signature, *names in rows for name in names]
    assert [one for one in named if one not in text] == []


_COMPUTING = {"AddV2", "Conv2D", "MatMul", "Mean", "Mul", "RealDiv", "Square", "Sub", "Sum"}


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Subject]:
    """A tiny plugin's domain with its networks, outside of any run."""

    @cache
    def make(plugin: str) -> Subject:
        folder = tmp_path_factory.mktemp(plugin)
        settings = (f"data.source={TINY[plugin].data(folder)}", *TINY[plugin].settings, "training.steps=2")
        return Subject(load(plugin), Request(assignments=settings), folder)

    return make


def test_a_step_in_float64_computes_nothing_in_float32(
    subject: Callable[[str], Subject], plugin: str
) -> None:
    played = subject(plugin)
    networks = played.build("float64")
    used: set[str] = set()
    for phase in played.domain.phases():
        play = played.play(phase, networks, "float64")
        operations = played.graph(play).get_operations()
        computing = [one for one in operations if one.type in _COMPUTING]
        assert any(one.outputs[0].dtype == tf.float64 for one in computing)
        assert [one.name for one in computing if one.outputs[0].dtype == tf.float32] == []
        used |= {one.type for one in operations}
    # What looks for hidden draws would find none where nothing is drawn.
    assert any("Stateless" in operation for operation in used) == TINY[plugin].draws
