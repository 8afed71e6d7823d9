"""What a served model refuses by itself, before it computes anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from gansuite.domain import Endpoint

#: Rows of a request at most.
MOST_ROWS = 1024
#: Numbers in an input at most, all rows together: 256 MiB of float32.
MOST_NUMBERS = 1 << 26
#: Pixels that an answer may take at most, all rows together, and that a picture may have.
MOST_PIXELS = 1 << 24


def guarded(name: str, function: Any, endpoint: Endpoint) -> Any:
    """Return a traced function whose own operations check what it is asked.

    A server gives a model whatever a client sends. What has another shape than the signature says would end
    in the depths of a network, and what is too large would take the server's memory.

    Args:
        name: of the signature, for messages.
        function: the endpoint's traced function of tensors by name.
        endpoint: what inputs it takes, and how many pixels it works on.

    Returns:
        A traced function of the same inputs. Asked for what it refuses, it raises `InvalidArgumentError`,
        which a server passes on with its message.
    """
    specs = endpoint.inputs

    def answer(**inputs: tf.Tensor) -> Any:
        checked = {key: _checked(name, key, inputs[key], specs[key]) for key in specs}
        (first, rows), *others = ((key, tf.shape(value)[0]) for key, value in checked.items())
        alike = [
            require(tf.equal(rows, number), f"{name}: {key} has other rows than {first}", rows, number)
            for key, number in others
        ]
        with tf.control_dependencies([*alike, *affordable(f"{name}: answering", endpoint, checked)]):
            return function(**{key: tf.identity(value) for key, value in checked.items()})

    named = {key: tf.TensorSpec(spec.shape, spec.dtype, name=key) for key, spec in specs.items()}
    return tf.function(answer, autograph=False).get_concrete_function(**named)


def _checked(name: str, key: str, value: tf.Tensor, spec: tf.TensorSpec) -> tf.Tensor:
    shaped = tf.ensure_shape(value, spec.shape, name=f"shape_of_{key}")
    size = tf.size(shaped, tf.int64)
    rows = tf.shape(shaped, tf.int64)[0]
    asked = f"{name}: {key} has"
    limits = [
        require(size > 0, f"{asked} nothing in it"),
        require(rows <= MOST_ROWS, f"{asked} more than {MOST_ROWS} rows", rows),
        require(size <= MOST_NUMBERS, f"{asked} more than {MOST_NUMBERS} numbers", size),
    ]
    with tf.control_dependencies(limits):
        return tf.identity(shaped)


def affordable(what: str, endpoint: Endpoint, inputs: Mapping[str, tf.Tensor]) -> list[tf.Operation]:
    """Return operations that refuse inputs of which an endpoint would work on too many pixels.

    A small request can ask for much: what is mirrored up to the size that a network takes, or enlarged.

    Args:
        what: would take them, for messages.
        endpoint: says how many.
        inputs: by name.
    """
    if endpoint.pixels is None:
        return []
    pixels = endpoint.pixels(**inputs)
    return [require(pixels <= MOST_PIXELS, f"{what} takes more than {MOST_PIXELS} pixels", pixels)]


def require(condition: tf.Tensor, what: str, *values: tf.Tensor) -> tf.Operation:
    """Return an operation that raises `InvalidArgumentError` where a condition does not hold.

    It has to be among the control dependencies of what needs it.

    Args:
        condition: bool, a scalar.
        what: is said then.
        values: said after it; the first three numbers of each.
    """
    # Without the branch that `tf.debugging` puts around it: that takes longer than a small answer may.
    return tf.raw_ops.Assert(condition=condition, data=[what, *values])
