"""What a plugin learns from."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from gansuite.domain import Examples
from gansuite.noise import Noise
from gansuite.testing.hidden import hidden_draws
from gansuite.testing.promise import check, require
from gansuite.testing.subject import ROWS, Subject, graph_of, in_graph

#: What the same example may differ by among others: kernels round otherwise for other numbers of rows.
ROUNDING = 1e-5


@check("examples", "Examples are as many, of the shape and of the type that they are said to be, and finite.")
def _examples(subject: Subject) -> None:
    for split in ("train", "valid"):
        examples = subject.domain.examples(split)
        require(
            examples.size > 0 or split == "valid",
            f"there are {examples.size} examples",
            where=f"split {split}",
        )
        if examples.size:
            _check_rows(split, examples, [0, examples.size - 1])


def _check_rows(split: str, examples: Examples, indices: list[int]) -> None:
    found = _loaded(examples, tf.constant(indices, tf.int64), Noise(seed=0, rows=len(indices)))
    where = f"split {split}"
    tf.nest.assert_same_structure(found, examples.spec)
    for rows, spec in zip(tf.nest.flatten(found), tf.nest.flatten(examples.spec), strict=True):
        said, is_like = f"{spec.dtype.name} {spec.shape}", spec.shape.is_compatible_with(rows.shape[1:])
        require(
            is_like and rows.dtype == spec.dtype and len(rows) == len(indices),
            f"{len(indices)} examples of {said} are loaded as {rows.dtype.name} {rows.shape}",
            where=where,
        )
        require(
            not rows.dtype.is_floating or np.isfinite(rows.numpy()).all(),
            "an example has numbers that are not finite",
            where=where,
        )


@check("example-rows", "An example depends on its number and its row's noise, not on others of its batch.")
def _example_rows(subject: Subject) -> None:
    size = subject.examples.size
    indices = tf.range(ROWS, dtype=tf.int64) * 7 % size
    whole = _loaded(subject.examples, indices, Noise(seed=5, rows=ROWS))
    half = ROWS // 2
    later = _loaded(subject.examples, indices[half:], Noise(seed=5, first_row=half, rows=half))
    for one, other in zip(tf.nest.flatten(whole), tf.nest.flatten(later), strict=True):
        _check_same(one[half:].numpy(), other.numpy())


def _check_same(one: np.ndarray, other: np.ndarray) -> None:
    is_float = np.issubdtype(one.dtype, np.floating)
    same = np.allclose(one, other, rtol=ROUNDING, atol=ROUNDING) if is_float else np.array_equal(one, other)
    require(
        same,
        "the last half of a batch is loaded otherwise without the first",
        hint="What is random has to come from the noise that `load` is given.",
    )


@check("example-noise", "What is random in examples comes from the noise they are loaded with.")
def _example_noise(subject: Subject) -> None:
    def load(indices: tf.Tensor, first: tf.Tensor) -> Any:
        return subject.examples.load(indices, Noise(seed=0, first_row=first, rows=ROWS))

    drawn = hidden_draws(graph_of(load, tf.TensorSpec([ROWS], tf.int64), tf.TensorSpec([], tf.int64)))
    require(not drawn, f"loading examples draws from hidden state: {', '.join(sorted(drawn))}")


def _loaded(examples: Examples, indices: tf.Tensor, noise: Noise) -> Any:
    return in_graph(lambda: examples.load(indices, noise))


EXAMPLES = (_examples, _example_rows, _example_noise)
