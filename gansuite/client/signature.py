"""What a signature takes and gives, as a server describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

#: What reading an answer that is none can raise; binascii's error is a ValueError.
STRANGE = (AttributeError, DecodeError, KeyError, OverflowError, TypeError, ValueError)
#: What arrays are made of, by TensorFlow's name.
TYPES: Mapping[str, Any] = {
    "DT_FLOAT": np.float32, "DT_DOUBLE": np.float64, "DT_BOOL": np.bool_, "DT_INT32": np.int32,
    "DT_INT64": np.int64, "DT_UINT8": np.uint8, "DT_STRING": np.object_,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Output:
    """What an output is: its type, and its shape with None for what can be anything."""

    kind: Any
    shape: tuple[int | None, ...]

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Output:
        """Read a TensorInfo in its JSON form; raises one of `STRANGE` where it is none with rows."""
        sizes = (int(one["size"]) for one in described["tensor_shape"]["dim"])
        shape = tuple(None if size < 0 else size for size in sizes)
        if not shape:
            raise ValueError("no rows")
        return cls(kind=TYPES[described["dtype"]], shape=shape)

    def problem(self, array: np.ndarray, rows: int) -> str | None:
        """Say what keeps an array from being this output of some rows."""
        if array.dtype != self.kind:
            return f"is {array.dtype}, not {np.dtype(self.kind)}"
        fits = len(array.shape) == len(self.shape) and all(
            wanted is None or size == wanted for size, wanted in zip(array.shape, self.shape, strict=True)
        )
        if not fits:
            return f"has shape {_text(array.shape)}, not {_text(self.shape)}"
        return None if len(array) == rows else f"has {len(array)} rows, not {rows}"


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What a signature takes, and what it gives, by name."""

    inputs: frozenset[str]
    outputs: Mapping[str, Output]

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Signature:
        """Read a SignatureDef in its JSON form; raises one of `STRANGE` where it is none."""
        outputs = {key: Output.of(one) for key, one in described["outputs"].items()}
        return cls(inputs=frozenset(described["inputs"]), outputs=outputs)


def _text(shape: tuple[int | None, ...]) -> str:
    return f"({', '.join('any' if size is None else str(size) for size in shape)})"
