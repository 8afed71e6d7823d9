"""The compiled steps as TensorFlow's optimiser of graphs leaves them: nothing in them depends on threads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest
import tensorflow as tf

from gansuite.config import to_toml
from gansuite.runs import Run
from gansuite.settings import Training
from gansuite.training.observers import Metrics
from gansuite.training.session import train
from ring import Ring, RingDomain

# A NodeDef of TensorFlow's, which ships no types.
Nodes = Mapping[str, "tf.compat.v1.NodeDef"]


@pytest.fixture(scope="module", params=[1, 2], ids=["one device", "two devices"])
def nodes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, two_devices: object
) -> Nodes:
    """The operations of a loop with a critic's two rounds, a penalty, batch normalisation and averages."""
    folder = tmp_path_factory.mktemp("order")
    kind = "one" if request.param == 1 else "mirrored"
    training = Training(steps=2, batch_size=8, strategy=kind, devices=request.param, average=0.9)
    config = Ring(wasserstein=True, training=training)
    run = Run.create(
        folder / "run", "ring", to_toml(config, header={"plugin": "ring", "api": 1}, comments=False)
    )
    writer = tf.summary.create_file_writer(str(folder))
    tf.summary.trace_on(graph=True)
    train(run, RingDomain(config), training, [Metrics()])
    with writer.as_default(step=0):
        tf.summary.trace_export("graphs")
    writer.close()
    graphs = optimised_graphs(folder)
    loops = [graph for graph in graphs if any(node.op == "ResourceApplyAdam" for node in graph.node)]
    assert len(loops) == 1
    return {node.name: node for node in loops[0].node}


def optimised_graphs(folder: Path) -> list[tf.compat.v1.GraphDef]:
    """Read the graphs of every function that ran, as they ran, from a summary file."""
    graphs = []
    for record in tf.data.TFRecordDataset([str(file) for file in folder.glob("events.*")]):
        for value in tf.compat.v1.Event.FromString(record.numpy()).summary.value:
            traced = tf.compat.v1.RunMetadata.FromString(value.tensor.string_val[0])
            graphs += [functions.post_optimization_graph for functions in traced.function_graphs]
    return graphs


def source(edge: str) -> str:
    """Name the operation that an edge comes from."""
    return edge.removeprefix("^").partition(":")[0]


def after(nodes: Nodes) -> dict[str, set[str]]:
    """Return for each operation all that run after it in the same step."""
    following = defaultdict(list)
    for node in nodes.values():
        if node.op != "NextIteration":
            for edge in node.input:
                following[source(edge)].append(node.name)

    def reached(name: str) -> set[str]:
        seen, ahead = set(), [name]
        while ahead:
            new = [other for other in following[ahead.pop()] if other not in seen]
            seen.update(new)
            ahead += new
        return seen

    touching = [node.name for node in nodes.values() if node.op.endswith(("VariableOp", "ResourceApplyAdam"))]
    return {name: reached(name) for name in touching}


def test_no_sum_has_an_order_to_choose(nodes: Nodes) -> None:
    sums = [node for node in nodes.values() if node.op == "AddN"]
    assert sums
    for node in sums:
        assert len([edge for edge in node.input if not edge.startswith("^")]) == 2, node.name


def test_a_variable_is_read_either_before_or_after_it_is_written(nodes: Nodes) -> None:
    follows = after(nodes)
    for write in follows:
        if nodes[write].op == "ReadVariableOp":
            continue
        variable = nodes[write].input[0]
        others = [name for name in follows if name != write and nodes[name].input[0] == variable]
        for other in others:
            assert other in follows[write] or write in follows[other], f"{other} and {write}"
