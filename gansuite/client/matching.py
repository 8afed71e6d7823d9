"""Whether what is served can be what a run was exported to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf
from tensorflow.core.framework.types_pb2 import DataType

from gansuite.client.asking import listed
from gansuite.domain import Endpoint


def difference(endpoints: Mapping[str, Endpoint], signatures: Mapping[str, Any]) -> str | None:
    """Say what keeps signatures from being those of a run; raises one of `STRANGE` where one is none.

    Args:
        endpoints: the run's, by name.
        signatures: by name, as SignatureDefs in their JSON form.

    Returns:
        None where those that both have take the same: another version of the plugin may have had others.
        What they give is not looked at: without its networks, no run knows what it gives.
    """
    known = set(named(signatures))
    for name, endpoint in endpoints.items():
        if not endpoint.served or name not in known:
            continue
        taken = [_described(key, one) for key, one in signatures[name]["inputs"].items()]
        given = [_text(key, spec.dtype, spec.shape.as_list()) for key, spec in endpoint.inputs.items()]
        if set(taken) != set(given):
            return f"signature {name} takes {listed(taken)}, not {listed(given)}"
    return None


def named(signatures: Iterable[str]) -> list[str]:
    """Return the names of signatures that can be asked for; TensorFlow adds one of its own."""
    return [name for name in signatures if not name.startswith("__")]


def _described(key: str, described: Mapping[str, Any]) -> str:
    """Say what a TensorInfo in its JSON form is of."""
    dtype = tf.as_dtype(DataType.Value(described["dtype"]))
    sizes = [int(one["size"]) for one in described["tensor_shape"]["dim"]]
    return _text(key, dtype, [None if size < 0 else size for size in sizes])


def _text(key: str, dtype: tf.DType, shape: list[int | None]) -> str:
    return f"{key} {dtype.name} ({', '.join('any' if size is None else str(size) for size in shape)})"
