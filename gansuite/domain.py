"""The contract between the core and a domain plugin: six questions a domain answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import keras
import numpy as np
import tensorflow as tf

from gansuite.game import Networks, Phase
from gansuite.noise import Noise

Split = Literal["train", "valid"]
Arrays = Mapping[str, np.ndarray]
Made = TypeVar("Made")


class Examples(Protocol):
    """What there is to learn from.

    Attributes:
        size: how many examples there are.
        spec: the `tf.TensorSpec` of each tensor of one example, nested as `load` nests them.
    """

    @property
    def size(self) -> int: ...

    @property
    def spec(self) -> Any: ...

    def load(self, indices: tf.Tensor, noise: Noise) -> Any:
        """Load some examples, as part of a graph.

        Args:
            indices: int64 (rows,), each in [0, size).
            noise: for augmentation, for the same rows.

        Returns:
            Tensors nested as `spec`, each with the rows as its leading axis; a pure function of the
            arguments.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Something a trained run can do.

    Args:
        function: called as `function(networks, **inputs)` inside a graph; a dict of tensors. The leading
            axis of every input and output is the batch, and no row depends on another. It may refuse
            inputs by an Assert. Texts that are not UTF-8 have a name that ends in `_bytes`, as servers want.
        inputs: a `tf.TensorSpec` for each input, leading axis None.
        served: whether `gansuite export` makes a signature of it; not what only draws previews.
        example: makes so many rows of inputs, for a server to warm up with and to compare it with the run;
            None for inputs of which any numbers will do.
        pixels: called as `pixels(**inputs)` inside a graph: how many pixels it works on to answer, int64, all
            rows together. What is served refuses more than 16,777,216. None where its inputs have one size.
        meanings: name of an input or output -> one line on what its numbers are: range, units, what each axis
            is. An output that is called like an input and means the same needs one only. The card of an
            exported model shows them; `seed`, and `labels` of `sample`, it explains without.
    """

    function: Callable[..., Mapping[str, tf.Tensor]]
    inputs: Mapping[str, tf.TensorSpec]
    served: bool = True
    example: Callable[[int], Arrays] | None = None
    pixels: Callable[..., tf.Tensor] | None = None
    meanings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What is drawn during training, always from the same inputs: an endpoint's name and its inputs."""

    endpoint: str
    inputs: Arrays
    names: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Score:
    """One figure of quality.

    Args:
        name: what is measured.
        value: for the run; NaN where it is undefined.
        reference: the same figure for held-out data, where there is one.
        meaning: one line: unit, range, what it was computed from.
        better: which of two values is: the "lower" or "higher" one, or that "closer" to the reference; None
            for a figure that is no merit of the run, such as another method's.
    """

    name: str
    value: float
    reference: float | None
    meaning: str
    better: Literal["lower", "higher", "closer"] | None = None


class Evaluation(Protocol):
    """What `Domain.scores` may ask for.

    Attributes:
        count: how many outputs to judge.
        seed: where random inputs begin.
    """

    @property
    def count(self) -> int: ...

    @property
    def seed(self) -> int: ...

    def call(self, endpoint: str, inputs: Arrays) -> dict[str, np.ndarray]:
        """Answer an endpoint with the trained networks, in batches."""
        ...

    def examples(self, split: Split) -> Examples:
        """Return the examples to compare with."""
        ...

    def load(self, split: Split, limit: int | None = None) -> Any:
        """Return examples of a split as numpy arrays, nested as `Examples.spec`.

        Where there are more than `limit`, some of all of them; each time the same.
        """
        ...

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what `make` makes, which a run that is judged many times has made once.

        For what takes long and does not depend on the networks, such as figures of the data. It is kept in
        memory.

        Args:
            name: tells it from all else that is made for this evaluation.
            make: makes it, from this evaluation's examples, count and seed alone.
        """
        ...


class Domain(ABC):
    """A kind of data, and the networks that learn to make it.

    Args:
        config: the plugin's settings, an instance of its config class.
    """

    #: Networks whose running average, rather than their latest weights, the endpoints use.
    averaged: tuple[str, ...] = ()

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    def examples(self, split: Split) -> Examples:
        """Return what there is to learn from; prepares the data on first use."""

    @abstractmethod
    def networks(self) -> dict[str, keras.Model]:
        """Build the networks, with their weights; called inside the strategy's scope.

        What they answer has `dtype=gansuite.precision.full()`, so that losses are exact in bfloat16 too.
        """

    @abstractmethod
    def phases(self) -> Sequence[Phase]:
        """Say how the networks play."""

    @abstractmethod
    def endpoints(self) -> dict[str, Endpoint]:
        """Say what a trained run can do. `gansuite generate` calls `sample(seed: int64 (batch,))`."""

    @abstractmethod
    def preview(self) -> Preview:
        """Say what to draw during training."""

    @abstractmethod
    def render(self, outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
        """Write an endpoint's outputs as files people look at or listen to.

        Args:
            outputs: arrays with a leading batch axis, as an endpoint gave them.
            folder: exists; files are written here.
            names: a file name stem for each row.

        Returns:
            The files written.
        """

    @abstractmethod
    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        """Measure how good the run is."""

    def remark(self, outputs: Arrays) -> str | None:
        """Say what a person is to know of what was made of seeds, beside the files; None for nothing.

        Args:
            outputs: as of `render`, of the endpoint `sample`.
        """
        return None

    def classes(self) -> int:
        """Say of how many classes `sample` makes examples on demand; 0 for none.

        Where there are some, `sample` has an input `labels`, int32 (batch,): negative for one of the seed's
        choice.
        """
        return 0

    def describe(self) -> Mapping[str, Any]:
        """Say what was read, in a form JSON can hold; kept with the run.

        `labels`, a list of names by number, says what the classes are called. What is exported tells the
        numbers in it with their keys, and of names how many there are; those of classes that `sample` takes
        are told.
        """
        return {}


__all__ = [
    "Arrays", "Domain", "Endpoint", "Evaluation", "Examples", "Networks", "Preview", "Score", "Split",
]  # fmt: skip
