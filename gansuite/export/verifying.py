"""Loading a SavedModel as somebody else would, and comparing what it answers with the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from gansuite.apart import PYTHON
from gansuite.domain import Arrays
from gansuite.errors import GansuiteError, PluginError
from gansuite.export.asking import example_inputs, failing
from gansuite.export.model import served
from gansuite.training.trained import Trained

#: What an answer may differ by, in parts of the largest number in it or of 1.
TOLERANCE = 1e-6
#: What a row may differ by where it is asked for alone: arithmetic rounds otherwise for other numbers.
ALONE = 1e-4
#: How many rows are asked for: together, and each of them alone.
ROWS = 3
_PATIENCE = 1800.0
_PNG = b"\x89PNG\r\n"

_PROGRAM = """\
import gc, json, pathlib, sys
gc.disable()  # which halves the time of the import
sys.path[:] = json.loads(sys.argv[1])
for name in ("keras", "gansuite"):
    sys.modules[name] = None
import tensorflow as tf
model = tf.saved_model.load(sys.argv[2])
for folder in sorted(pathlib.Path(sys.argv[3]).iterdir()):
    function = model.signatures[folder.name.rpartition("-")[0]]
    inputs = {}
    for name, spec in function.structured_input_signature[1].items():
        inputs[name] = tf.io.parse_tensor(tf.io.read_file(str(folder / name)), spec.dtype)
    (folder / "answers").mkdir()
    for name, value in function(**inputs).items():
        tf.io.write_file(str(folder / "answers" / name), tf.io.serialize_tensor(value))
"""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a signature is asked, and what it has to answer.

    Attributes:
        signature: which.
        inputs: rows to ask for.
        answer: the run's.
    """

    signature: str
    inputs: Arrays
    answer: Arrays

    @property
    def rows(self) -> int:
        """How many are asked for."""
        return _rows(self.inputs)

    @property
    def folder(self) -> str:
        """What its folder is called."""
        return f"{self.signature}-{self.rows}"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How far an answer of the SavedModel is from the run's.

    Attributes:
        signature, output: which.
        rows: how many were asked for.
        value: the largest difference, in parts of the largest number or of 1; infinite where texts differ
            that are no pictures.
    """

    signature: str
    output: str
    rows: int
    value: float


def questions(trained: Trained) -> list[Question]:
    """Ask the run for all rows of each signature together, and for each row alone.

    Returns:
        All together, and the first alone.

    Raises:
        PluginError: an endpoint fails, or an answer depends on what else is in the batch.
    """
    found = []
    for name, endpoint in served(trained).items():
        whole = example_inputs(name, endpoint, ROWS)
        with failing(name):
            together, *alone = (trained.call(name, inputs) for inputs in (whole, *each_row(whole)))
        _check_rows(name, apart_alone(together, alone))
        found.append(Question(signature=name, inputs=whole, answer=together))
        found.append(Question(signature=name, inputs=each_row(whole)[0], answer=alone[0]))
    return found


def write_questions(asked: Sequence[Question], workplace: Path) -> None:
    """Write what another process is to ask.

    Args:
        asked: the questions.
        workplace: a folder, made.

    Raises:
        OSError, tf.errors.OpError: it could not be written.
    """
    workplace.mkdir()
    for one in asked:
        (workplace / one.folder).mkdir()
        for key, value in one.inputs.items():
            content = tf.io.serialize_tensor(tf.constant(value))
            tf.io.write_file(str(workplace / one.folder / key), content)


def differences(asked: Sequence[Question], model: Path, workplace: Path) -> list[Difference]:
    """Ask in a process without Keras or gansuite what the run answered.

    Args:
        asked: the questions.
        model: the SavedModel's folder.
        workplace: where the questions are.

    Raises:
        GansuiteError: it could not be loaded, or did not answer.
    """
    _ask(model, workplace)
    return [
        Difference(signature=one.signature, output=output, rows=one.rows, value=distance(answer, read))
        for one in asked
        for output, answer in one.answer.items()
        for read in [_read(workplace / one.folder / "answers" / output, answer)]
    ]


def each_row(inputs: Arrays) -> list[dict[str, np.ndarray]]:
    """Return the inputs of each row alone."""
    return [
        {key: np.asarray(value)[row : row + 1] for key, value in inputs.items()}
        for row in range(_rows(inputs))
    ]


def apart_alone(together: Arrays, alone: Sequence[Arrays]) -> dict[str, float]:
    """Return how far the rows of each output are at most from what each is where it is asked for alone."""
    return {
        output: max(distance(one[output], value[row : row + 1]) for row, one in enumerate(alone))
        for output, value in together.items()
    }


def check(found: list[Difference]) -> None:
    """Make sure that answers are the same.

    Raises:
        GansuiteError: one is not.
    """
    worst = max(found, key=lambda one: one.value)
    if not worst.value <= TOLERANCE:
        raise GansuiteError(
            f"output {worst.output} of {worst.rows} rows differs by {worst.value:.3g} from what the run says",
            where=f"signature {worst.signature}",
            hint="Nothing was published. An answer must depend on nothing but its inputs.",
        )


def _check_rows(name: str, found: Mapping[str, float]) -> None:
    for output, apart in found.items():
        if not apart <= ALONE:
            raise PluginError(
                f"a row of output {output} depends on what else is in the batch: it differs by {apart:.3g}",
                where=f"endpoint {name}",
                hint="A server puts requests together, so each row must depend on its own inputs alone.",
            )


def _rows(inputs: Arrays) -> int:
    return len(next(iter(inputs.values())))


def _ask(model: Path, workplace: Path) -> None:
    command = [*PYTHON, "-c", _PROGRAM, json.dumps(sys.path), str(model), str(workplace)]
    try:
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}
        subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=True
        )
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or [f"exit status {error.returncode}"]
        raise GansuiteError(f"the SavedModel cannot be used: {lines[-1]}", where=str(model)) from error
    except subprocess.TimeoutExpired as error:
        what = f"the SavedModel did not answer within {_PATIENCE:g} s"
        raise GansuiteError(what, where=str(model)) from error


def _read(file: Path, like: np.ndarray) -> np.ndarray:
    dtype = tf.string if like.dtype == object else tf.as_dtype(like.dtype)
    return np.asarray(tf.io.parse_tensor(tf.io.read_file(str(file)), dtype).numpy())


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return how far two answers are from each other; see `Difference.value`."""
    if one.shape != other.shape:
        return float("inf")
    if one.dtype == object:
        return max((_apart(*both) for both in zip(one.flat, other.flat, strict=True)), default=0.0)
    if not one.size:
        return 0.0
    # What is not a number on one side alone is as far as it can be.
    if not np.array_equal(np.isnan(one), np.isnan(other)):
        return float("inf")
    largest = max(1.0, float(np.nanmax(np.abs(one), initial=0.0)))
    return float(np.nanmax(np.abs(np.float64(one) - np.float64(other)), initial=0.0)) / largest


def _apart(one: bytes, other: bytes) -> float:
    """How far two texts are from each other; of pictures, what is more than a level of rounding."""
    if one == other:
        return 0.0
    if not (one.startswith(_PNG) and other.startswith(_PNG)):
        return float("inf")
    first, second = (np.float64(tf.io.decode_png(content).numpy()) for content in (one, other))
    if first.shape != second.shape:
        return float("inf")
    return max(0.0, float(np.abs(first - second).max()) - 1.0) / 255.0


def by_signature(found: list[Difference]) -> Mapping[str, float]:
    """Return the largest difference of each signature."""
    names = dict.fromkeys(one.signature for one in found)
    return {name: max(one.value for one in found if one.signature == name) for name in names}
