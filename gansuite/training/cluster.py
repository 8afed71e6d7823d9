"""Which processes train a run together, as the environment of each says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gansuite.errors import UsageError

_TF_CONFIG = "TF_CONFIG"
_EXAMPLE = (
    'Like {"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}, '
    "with another index on each."
)
#: Of the largest port; what is much longer Python does not turn into a number.
_DIGITS = 5
#: The ports of Slurm's steps, spread so that those which run at once, of one job or of many, seldom meet
#: where they share a machine.
_FIRST_PORT, _BLOCKS, _TASKS_PER_STEP, _STEPS_APART = 15_000, 256, 64, 101


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The workers of a run.

    Attributes:
        addresses: host:port of each; the first is the chief, which alone writes.
        index: which of them this process is.
    """

    addresses: tuple[str, ...]
    index: int

    @property
    def is_chief(self) -> bool:
        return self.index == 0


def find_cluster(environment: Mapping[str, str]) -> Cluster:
    """Read which workers there are, from TF_CONFIG or else from Slurm's variables.

    Raises:
        UsageError: neither is there, or what it says makes no sense.
    """
    if _TF_CONFIG in environment:
        try:
            return _of_tf_config(environment[_TF_CONFIG])
        except RecursionError as error:
            raise _nonsense("is nested too deeply") from error
    if "SLURM_PROCID" in environment:
        return _of_slurm(environment)
    raise UsageError(
        "nothing says which workers there are: neither TF_CONFIG is set, nor is this a step of a Slurm job",
        where="training.strategy",
        hint=f"Set TF_CONFIG for each, start them with srun, or train alone: --strategy one. {_EXAMPLE}",
    )


def named_workers(environment: Mapping[str, str]) -> int:
    """Return how many workers the environment names; 1 where it names none that make sense."""
    try:
        return len(find_cluster(environment).addresses)
    except UsageError:
        return 1


def _of_tf_config(text: str) -> Cluster:
    jobs, kind, index = _parts(text)
    strange = sorted(jobs.keys() - {"chief", "worker"})
    if strange or kind not in jobs:
        raise _nonsense(f"there can be a chief and workers, not {strange[0] if strange else kind!r}")
    chiefs, workers = (_addresses(jobs.get(name, [])) for name in ("chief", "worker"))
    addresses = (*chiefs, *workers)
    if len(chiefs) > 1:
        raise _nonsense("there can be one chief")
    if len(set(addresses)) < len(addresses):
        raise _nonsense("two workers have one address")
    own = chiefs if kind == "chief" else workers
    if not 0 <= index < len(own):
        raise _nonsense(f"task.index is {index}, but cluster.{kind} has {len(own)} addresses")
    return Cluster(addresses=addresses, index=index if kind == "chief" else len(chiefs) + index)


def _parts(text: str) -> tuple[Mapping[str, Any], str, int]:
    try:
        whole = json.loads(text)
        jobs, task = whole["cluster"], whole["task"]
        kind, index = task["type"], task["index"]
        if "ps" in jobs:
            raise _nonsense(
                "there are parameter servers: with them no run could be repeated, so none is used"
            )
        if isinstance(jobs, dict) and isinstance(kind, str) and str(index).isdecimal():
            return jobs, kind, int(index)
    except ValueError as error:
        raise _nonsense(f"is no JSON ({error})") from error
    except (KeyError, TypeError) as error:
        raise _nonsense(
            f"lacks {error}" if isinstance(error, KeyError) else "is not made as it should be"
        ) from error
    raise _nonsense("is not made as it should be")


def _addresses(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(one, str) and _is_address(one) for one in given):
        raise _nonsense(f"these are no addresses, host:port each: {given!r}")
    return tuple(given)


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    if any(one == "/" or one.isspace() for one in host):
        return False
    try:
        host.encode("idna")  # as it is before it is looked up
    except UnicodeError:
        return False
    return bool(host) and port.isdecimal() and len(port) <= _DIGITS and 0 < int(port) < 2**16


def _nonsense(what: str) -> UsageError:
    return UsageError(what, where=_TF_CONFIG, hint=_EXAMPLE)


def _of_slurm(environment: Mapping[str, str]) -> Cluster:
    try:
        index, node, local, job = (
            int(environment[f"SLURM_{name}"]) for name in ("PROCID", "NODEID", "LOCALID", "JOB_ID")
        )
        step = int(environment.get("SLURM_STEP_ID", "0"))
        hosts, tasks = _layout(environment["SLURM_STEP_NODELIST"], environment["SLURM_STEP_TASKS_PER_NODE"])
    except KeyError as error:
        raise UsageError(
            f"{error.args[0]} is not set",
            where="Slurm",
            hint="Start the workers as a step: srun gansuite train …",
        ) from error
    except ValueError as error:
        raise UsageError(f"its variables make no sense: {error}", where="Slurm") from error
    first = _FIRST_PORT + _TASKS_PER_STEP * ((job + _STEPS_APART * step) % _BLOCKS)
    places = [(at, number) for at, count in enumerate(tasks) for number in range(count)]
    if not index < len(places) or places[index] != (node, local):
        raise UsageError(
            "the tasks are not laid out node by node",
            where="Slurm",
            hint="Start them with srun --distribution=block.",
        )
    return Cluster(addresses=tuple(f"{hosts[at]}:{first + number}" for at, number in places), index=index)


def _layout(nodes: str, tasks: str) -> tuple[Sequence[str], Sequence[int]]:
    """The hosts of a step and how many tasks each has; TensorFlow knows Slurm's short forms of both."""
    from tensorflow.python.distribute.cluster_resolver import slurm_cluster_resolver as slurm

    hosts: Sequence[str] = slurm.expand_hostlist(nodes)
    counts: Sequence[int] = slurm.expand_tasks_per_node(tasks)
    if len(hosts) != len(counts):
        raise ValueError(f"{len(hosts)} nodes with the tasks of {len(counts)}")
    return hosts, counts
