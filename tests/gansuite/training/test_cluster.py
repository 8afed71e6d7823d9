"""Which workers there are, as TF_CONFIG and Slurm's variables say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gansuite.errors import UsageError
from gansuite.training.cluster import Cluster, find_cluster, named_workers

HOSTS = ["one:2222", "two:2222", "three:2222"]


def tf_config(cluster: Any, kind: Any = "worker", index: Any = 0) -> dict[str, str]:
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})}


def slurm(**changes: str) -> dict[str, str]:
    values = {
        "PROCID": "2", "NODEID": "1", "LOCALID": "0", "JOB_ID": "7",
        "STEP_NODELIST": "node[9-10]", "STEP_TASKS_PER_NODE": "2(x2)",
    }  # fmt: skip
    return {f"SLURM_{name}": value for name, value in {**values, **changes}.items()}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (tf_config({"worker": HOSTS}, index=2), Cluster(addresses=tuple(HOSTS), index=2)),
        (tf_config({"worker": HOSTS}, index="1"), Cluster(addresses=tuple(HOSTS), index=1)),
        (
            tf_config({"worker": HOSTS[1:], "chief": HOSTS[:1]}, "chief"),
            Cluster(addresses=tuple(HOSTS), index=0),
        ),
        (
            tf_config({"worker": HOSTS[1:], "chief": HOSTS[:1]}, index=1),
            Cluster(addresses=tuple(HOSTS), index=2),
        ),
    ],
)
def test_tf_config_says_who_works(environment: dict[str, str], expected: Cluster) -> None:
    found = find_cluster(environment)
    assert found == expected
    assert found.is_chief == (expected.index == 0)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"TF_CONFIG": "{"}, "TF_CONFIG: is no JSON"),
        ({"TF_CONFIG": "[]"}, "TF_CONFIG: is not made as it should be"),
        ({"TF_CONFIG": '{"cluster": {}}'}, "TF_CONFIG: lacks 'task'"),
        (tf_config({"worker": HOSTS}, index=3), "task.index is 3, but cluster.worker has 3 addresses"),
        (tf_config({"worker": HOSTS}, index=-1), "is not made as it should be"),
        (tf_config({"worker": HOSTS}, "chief"), "there can be a chief and workers, not 'chief'"),
        (tf_config({"worker": HOSTS, "evaluator": ["a:1"]}), "not 'evaluator'"),
        (tf_config({"worker": HOSTS, "ps": ["a:1"]}), "there are parameter servers"),
        (tf_config({"worker": ["one", "two:1"]}), "these are no addresses"),
        (tf_config({"worker": ["one:1", "two:99999"]}), "these are no addresses"),
        (tf_config({"worker": ["one:1", "two..net:2"]}), "these are no addresses"),
        (tf_config({"worker": ["http://one:1", "two:2"]}), "these are no addresses"),
        (tf_config({"worker": ["o ne:1", "two:2"]}), "these are no addresses"),
        (tf_config({"worker": ["one:1", f"two:{'1' * 5000}"]}), "these are no addresses"),
        ({"TF_CONFIG": '{"cluster":' * 100_000}, "TF_CONFIG: is nested too deeply"),
        (tf_config({"worker": "one:1"}), "these are no addresses"),
        (tf_config({"worker": ["one:1", "one:1"]}), "two workers have one address"),
        (tf_config({"chief": HOSTS, "worker": []}, "chief"), "there can be one chief"),
        ({}, "nothing says which workers there are"),
    ],
)
def test_what_makes_no_sense_is_refused_with_an_example(environment: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        find_cluster(environment)
    assert '"task": {"type": "worker", "index": 0}' in str(caught.value)


def test_slurm_says_who_works() -> None:
    found = find_cluster(slurm())
    assert found.index == 2
    assert [address.partition(":")[0] for address in found.addresses] == [
        "node9",
        "node9",
        "node10",
        "node10",
    ]
    assert len(set(found.addresses)) == 4
    others = [slurm(JOB_ID="8"), slurm(STEP_ID="1"), slurm(JOB_ID="8", STEP_ID="1")]
    ports = [found.addresses, *(find_cluster(one).addresses for one in others)]
    assert len({address for addresses in ports for address in addresses}) == 4 * len(ports)


def test_tf_config_comes_before_slurm() -> None:
    assert find_cluster({**slurm(), **tf_config({"worker": HOSTS})}).addresses == tuple(HOSTS)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {name: value for name, value in slurm().items() if "NODELIST" not in name},
            "SLURM_STEP_NODELIST is not set",
        ),
        (slurm(PROCID="1"), "not laid out node by node"),
        (slurm(PROCID="9"), "not laid out node by node"),
        (slurm(STEP_TASKS_PER_NODE="2"), "2 nodes with the tasks of 1"),
        (slurm(STEP_TASKS_PER_NODE="many"), "its variables make no sense"),
        (slurm(JOB_ID="x"), "its variables make no sense"),
    ],
)
def test_slurm_variables_that_make_no_sense_are_refused(environment: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find_cluster(environment)


@pytest.mark.parametrize(
    ("environment", "count"),
    [({}, 1), (tf_config({"worker": HOSTS}), 3), ({"TF_CONFIG": "{"}, 1), (slurm(), 4)],
)
def test_workers_that_the_environment_names_are_counted(environment: dict[str, str], count: int) -> None:
    assert named_workers(environment) == count
