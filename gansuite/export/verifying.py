"""Loading a SavedModel as somebody else would, and comparing what it answers with the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from gansuite.domain import Arrays
from gansuite.errors import GansuiteError, PluginError
from gansuite.export.asking import example_inputs
from gansuite.export.model import served
from gansuite.training.trained import Trained

#: What an answer may differ by, in parts of the largest number in it or of 1.
TOLERANCE = 1e-6
#: What a row may differ by where it is asked for alone: arithmetic rounds otherwise for other numbers.
ALONE = 1e-4
#: How many rows are asked for: together, and the first of them alone.
ROWS = (3, 1)
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


def differences(trained: Trained, model: Path, workplace: Path) -> list[Difference]:
    """Ask every signature in a process without Keras or gansuite what the run answers here.

    Args:
        trained: the run.
        model: the SavedModel's folder.
        workplace: an empty folder.

    Raises:
        PluginError: an answer of the run depends on what else is in the batch.
        GansuiteError: it could not be loaded, or did not answer.
    """
    expected = {}
    for name, endpoint in served(trained).items():
        whole = example_inputs(name, endpoint, max(ROWS))
        for rows in ROWS:
            inputs = {key: value[:rows] for key, value in whole.items()}
            folder = workplace / f"{name}-{rows}"
            folder.mkdir()
            for key, value in inputs.items():
                tf.io.write_file(str(folder / key), tf.io.serialize_tensor(tf.constant(value)))
            expected[name, rows] = trained.call(name, inputs)
        _check_rows(name, *(expected[name, rows] for rows in ROWS))
    _ask(model, workplace)
    return [
        Difference(signature=name, output=output, rows=rows, value=distance(answer, read))
        for (name, rows), answers in expected.items()
        for output, answer in answers.items()
        for read in [_read(workplace / f"{name}-{rows}" / "answers" / output, answer)]
    ]


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


def _check_rows(name: str, together: Arrays, alone: Arrays) -> None:
    for output, answer in alone.items():
        apart = distance(answer, together[output][:1])
        if not apart <= ALONE:
            raise PluginError(
                f"a row of output {output} depends on what else is in the batch: it differs by {apart:.3g}",
                where=f"endpoint {name}",
                hint="A server puts requests together, so each row must depend on its own inputs alone.",
            )


def _ask(model: Path, workplace: Path) -> None:
    command = [sys.executable, "-c", _PROGRAM, json.dumps(sys.path), str(model), str(workplace)]
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
