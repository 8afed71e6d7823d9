"""A trained run's endpoints as a SavedModel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import tensorflow as tf
from tensorflow.python.framework import op_def_registry  # the public interface does not tell what has state

from gansuite.domain import Endpoint
from gansuite.errors import PluginError
from gansuite.export.asking import failing
from gansuite.export.guarding import guarded
from gansuite.training.averages import raw_variables
from gansuite.training.trained import Trained

#: Operations with state that change none, and draw nothing.
_HARMLESS = {
    "Assert", "EnsureShape", "If", "Placeholder", "ReadVariableOp", "ResourceGather", "ResourceGatherNd",
    "StatefulPartitionedCall", "VarHandleOp", "While",
}  # fmt: skip


def served(trained: Trained) -> dict[str, Endpoint]:
    """Return the endpoints that become signatures."""
    return {name: one for name, one in trained.domain.endpoints().items() if one.served}


def write_model(trained: Trained, folder: Path) -> None:
    """Write a SavedModel with a signature for each endpoint that is served.

    It needs nothing but TensorFlow to be loaded. Each signature takes and returns tensors by name, with the
    batch as their leading axis.

    Args:
        trained: the run.
        folder: where to; made.

    Raises:
        PluginError: an endpoint fails, or has hidden state: what it answers would depend on what was asked
            before.
        OSError, tf.errors.OpError: it could not be written.
    """
    endpoints = served(trained)
    functions, signatures = {}, {}
    for name, endpoint in endpoints.items():
        with failing(name):
            functions[name] = trained.local.compiled(name)
            signatures[name] = guarded(name, functions[name], endpoint)
        _refuse_state(name, functions[name].graph)
    module = tf.Module()
    # Only what signatures look at: a server needs no discriminator.
    used = {id(one): one for function in functions.values() for one in function.graph.variables}
    # A graph's variables come in any order; a run is to give the same files each time.
    known = [one for network in trained.local.networks.values() for one in raw_variables(network)]
    ranks = {id(one): rank for rank, one in enumerate(known)}
    module.weights = sorted(used.values(), key=lambda one: (ranks.get(id(one), len(ranks)), one.name))
    tf.saved_model.save(module, str(folder), signatures=signatures)


def _refuse_state(name: str, graph: tf.Graph) -> None:
    for node in _nodes(graph):
        definition = op_def_registry.get(node.op)
        if definition is not None and definition.is_stateful and node.op not in _HARMLESS:
            raise PluginError(
                f"{node.name} is an operation {node.op}, which has hidden state",
                where=f"endpoint {name}",
                hint="What is random has to come from a seed among the inputs; see gansuite.noise.",
            )


def _nodes(graph: tf.Graph) -> Iterator[tf.compat.v1.NodeDef]:
    definition = graph.as_graph_def()
    yield from definition.node
    for function in definition.library.function:
        yield from function.node_def


def shapes(specs: Mapping[str, tf.TensorSpec]) -> dict[str, str]:
    """Describe tensors for people, by name."""
    return {
        name: f"{spec.dtype.name} ({', '.join('any' if size is None else str(size) for size in spec.shape)})"
        for name, spec in specs.items()
    }
