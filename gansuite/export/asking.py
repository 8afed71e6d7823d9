"""Something to ask an endpoint, where what it answers does not matter but has to be the same everywhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import numpy as np
import tensorflow as tf

from gansuite.domain import Arrays, Endpoint
from gansuite.errors import GansuiteError, PluginError
from gansuite.training.checkpoints import reason

#: Of an axis that can have any length.
LENGTH = 32


def example_inputs(name: str, endpoint: Endpoint, rows: int) -> dict[str, np.ndarray]:
    """Return inputs for an endpoint: its own example, or numbers that fit its specs.

    Args:
        name: the endpoint's.
        endpoint: what is to be asked.
        rows: how many.

    Raises:
        PluginError: it takes texts and has no example, or the example fails or is of another form.
    """
    if endpoint.example is not None:
        with failing(name):
            found = dict(endpoint.example(rows))
        _check(name, found, endpoint.inputs, rows)
        return found
    return {key: _numbers(name, key, spec, rows) for key, spec in endpoint.inputs.items()}


@contextlib.contextmanager
def failing(name: str) -> Iterator[None]:
    """Say of which endpoint it is that its own code fails.

    Args:
        name: the endpoint's.

    Raises:
        PluginError: it does.
    """
    try:
        yield
    except GansuiteError:
        raise
    except Exception as error:
        raise PluginError(
            f"fails with {type(error).__name__}: {_said(error)}",
            where=f"endpoint {name}",
            hint="It has to answer its `example`, or where it has none any numbers that fit its inputs.",
        ) from error


def _said(error: Exception) -> str:
    """What happened, without the lines of code that TensorFlow puts before it where a graph failed."""
    head, of_graph, _ = str(getattr(error, "message", "")).partition("\n\t [[")
    return head.splitlines()[-1] if of_graph else reason(error)


def _numbers(name: str, key: str, spec: tf.TensorSpec, rows: int) -> np.ndarray:
    shape = (rows, *(size or LENGTH for size in spec.shape[1:]))
    if spec.dtype.is_floating:
        return np.random.default_rng(0).random(shape).astype(spec.dtype.as_numpy_dtype)
    if spec.dtype.is_integer:
        # Seeds, and classes, of which there are two at least.
        return np.arange(np.prod(shape)).reshape(shape).astype(spec.dtype.as_numpy_dtype) % 2
    raise PluginError(f"input {key} of type {spec.dtype.name} needs an example", where=f"endpoint {name}")


def _check(name: str, found: Arrays, specs: Mapping[str, tf.TensorSpec], rows: int) -> None:
    fits = found.keys() == specs.keys() and all(
        len(found[key]) == rows and spec.shape.is_compatible_with(found[key].shape)
        for key, spec in specs.items()
    )
    if not fits:
        raise PluginError(f"its example is no {rows} rows of its inputs", where=f"endpoint {name}")
