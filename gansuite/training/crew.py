"""The workers that train a run together, and what they have to agree on."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import tensorflow as tf
from tensorflow.compiler.xla.tsl.protobuf import coordination_config_pb2 as coordination
from tensorflow.python.eager import context  # the public interface has no way to set how long to wait

from gansuite.errors import GansuiteError, UsageError
from gansuite.training.checkpoints import reason
from gansuite.training.cluster import Cluster, find_cluster
from gansuite.training.collectives import keep_keys
from gansuite.training.signals import heard

#: Seconds after which a worker that gives no sign is taken for dead.
SILENCE = 30.0
#: Seconds that one worker may take longer than another to prepare its data.
_PREPARATION = 3600.0
#: Seconds between two looks for a worker that is not there yet, and that it may take to answer.
_PAUSE = 0.5
#: Seconds that a look at what a worker says takes: until it says it, and whether it has.
_LOOK, _GLANCE = 1.0, 0.01
#: Differences that are named.
_NAMED = 5
_JOB = "worker"
#: Under which a worker says why it ended.
_ENDED = "gansuite/ended"
_LOST = (
    tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError, tf.errors.InternalError, tf.errors.UnavailableError,
)  # fmt: skip


#: Errors of workers that are not there, or not in time.
_LATE = (tf.errors.DeadlineExceededError, tf.errors.UnavailableError)


class Crew:
    """The workers of a run: this process alone, unless it is said otherwise.

    Attributes:
        index: which of them this process is.
        count: how many there are.
        strategy: connects their devices, where there are several.
    """

    index = 0
    count = 1
    strategy: tf.distribute.Strategy | None = None

    @property
    def is_chief(self) -> bool:
        """Whether this is the one that writes."""
        return self.index == 0

    def total(self, *values: float) -> Sequence[float]:
        """Add up what all workers say; every one has to ask, as often as the others."""
        return values

    def share(self, variables: Sequence[tf.Variable]) -> None:
        """Give all workers the values of the chief's variables."""

    def compare(self, occasion: str, facts: Callable[[], Mapping[str, str]], hint: str) -> None:
        """Check that something is the same for all workers, which wait for each other here.

        Args:
            occasion: a name for this check, which no other one has.
            facts: returns what must not differ, by name; asked where there are others.
            hint: what to do where something does.

        Raises:
            UsageError: something differs before the first step.
            GansuiteError: something does later.
        """

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Let the others know why this one ends."""
        yield

    @contextlib.contextmanager
    def noticing_losses(self, resuming: str) -> Iterator[None]:
        """Say so where a worker is lost meanwhile.

        Args:
            resuming: the command that goes on.
        """
        yield


class ManyWorkers(Crew):
    """Workers that are connected over the network.

    Args:
        cluster: who they are.
        strategy: connects them.
    """

    strategy: tf.distribute.Strategy

    def __init__(self, cluster: Cluster, strategy: tf.distribute.MultiWorkerMirroredStrategy) -> None:
        self.index = cluster.index
        self.count = len(cluster.addresses)
        self.strategy = strategy
        self._begun = False
        self._total = tf.function(self._sum, autograph=False)

    def total(self, *values: float) -> Sequence[float]:
        mine = tf.constant(values, tf.float64)
        return [float(value) for value in self._total(mine).numpy()]

    def share(self, variables: Sequence[tf.Variable]) -> None:
        for variable in variables:
            value = tf.convert_to_tensor(variable)
            variable.assign(self._sum(value if self.is_chief else tf.zeros_like(value)))

    def compare(self, occasion: str, facts: Callable[[], Mapping[str, str]], hint: str) -> None:
        known, mine = context.context(), facts()
        known.set_config_key_value(f"gansuite/{occasion}/{self.index}", json.dumps(dict(mine)))
        for other in range(self.count):
            theirs = json.loads(self._awaited(f"gansuite/{occasion}/{other}", other))
            different = _differences(self.index, mine, other, theirs)
            if different is not None:
                kind = GansuiteError if self._begun else UsageError
                raise kind(different, where=f"worker {self.index}", hint=hint)
        self._begun = True

    def _awaited(self, key: str, other: int) -> str:
        """What another worker says; in short looks, between which signals get through."""
        end = time.monotonic() + _PREPARATION
        while True:
            if (said := _said(key, _LOOK)) is not None:
                return said
            if (ended := _said(f"{_ENDED}/{other}", _GLANCE)) is not None:
                raise self._lost(f"worker {other} ended: {ended}")
            if context.context().get_task_states([(_JOB, self.count)])[other] is not None:
                raise self._lost(f"worker {other} gave no sign for {SILENCE:g} s")
            if time.monotonic() >= end:
                raise self._lost(f"worker {other} did not get as far within {_PREPARATION / 60:g} minutes")

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            interrupted = isinstance(error, KeyboardInterrupt)
            told = "it was interrupted" if interrupted else str(error).strip().partition("\n")[0]
            # One that lost another has nothing to say but that.
            if not isinstance(error.__cause__, _LOST):
                with contextlib.suppress(tf.errors.OpError):
                    self._tell(told or type(error).__name__)
            raise

    def _tell(self, why: str) -> None:
        """Say why this one ends.

        The chief, with whom all that was said is gone, waits for the others where they may listen: in the
        steps they find out by themselves.
        """
        context.context().set_config_key_value(f"{_ENDED}/{self.index}", why)
        end = time.monotonic() + SILENCE
        for other in range(1, self.count) if self.is_chief and not self._begun else ():
            while _said(f"{_ENDED}/{other}", _LOOK) is None and time.monotonic() < end:
                continue

    @contextlib.contextmanager
    def noticing_losses(self, resuming: str) -> Iterator[None]:
        try:
            yield
        except _LOST as error:
            then = f"On all of them, go on with {resuming}"
            raise self._lost(self._why_others_ended() or reason(error), then, goes_on=True) from error

    def _why_others_ended(self) -> str:
        """What the others said before they ended; nothing where they could not."""
        with contextlib.suppress(tf.errors.OpError):
            for other in range(self.count):
                if other != self.index and (ended := _said(f"{_ENDED}/{other}", _GLANCE)) is not None:
                    return f"worker {other} ended: {ended}"
        return ""

    def _lost(
        self,
        what: str,
        then: str = "Then start the same command again, on all of them.",
        *,
        goes_on: bool = False,
    ) -> GansuiteError:
        return GansuiteError(
            f"the connection to another worker is lost: {what}",
            where=f"worker {self.index} of {self.count}",
            hint=f"See what the others say. {then}",
            goes_on=goes_on,
        )

    def _sum(self, value: tf.Tensor) -> tf.Tensor:
        if self.count == 1:  # of a single worker with several devices TensorFlow would add up nothing
            return value
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None)


def _said(key: str, patience: float) -> str | None:
    """What stands under a key that all workers see; None where nothing does after some seconds."""
    try:
        return str(context.context().get_config_key_value(key, int(1000 * patience)))
    except tf.errors.DeadlineExceededError:
        return None


@functools.cache
def join(patience: float) -> Crew:
    """Connect to the other workers; once in a process, before TensorFlow does anything else.

    Args:
        patience: minutes to wait for them.

    Raises:
        UsageError: the environment does not say who they are.
        GansuiteError: they could not be reached in time.
    """
    cluster = find_cluster(os.environ)
    keep_keys()
    known = context.context()
    # Where this is not done, the strategy does it, and waits as long as TensorFlow likes.
    known.configure_coordination_service(
        service_type="standalone",
        service_leader=f"/job:{_JOB}/replica:0/task:0",
        coordinated_jobs=[coordination.CoordinatedJob(name=_JOB, num_tasks=len(cluster.addresses))],
        cluster_register_timeout_in_ms=int(60_000 * patience),
        heartbeat_timeout_in_ms=int(1000 * SILENCE),
        shutdown_barrier_timeout_in_ms=int(1000 * SILENCE),
    )
    try:
        if cluster.is_chief:
            _await_others(cluster, patience)
        with _interruptible():
            strategy = tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=_resolver(cluster))
            return ManyWorkers(cluster, strategy)
    except (tf.errors.OpError, RuntimeError) as error:
        if isinstance(error, _LATE) or "timed out" in str(error):
            raise _unreached(cluster, cluster.addresses[0], patience) from error
        raise GansuiteError(
            f"the workers could not be connected: {reason(error)}",
            where=f"worker {cluster.index} of {len(cluster.addresses)}",
            hint="Nothing else may use their ports, and none may be left of a run before.",
        ) from error


def _resolver(cluster: Cluster) -> tf.distribute.cluster_resolver.ClusterResolver:
    """Say who the workers are, and that each takes all the GPUs that it sees: this does not look for any."""
    return tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({_JOB: list(cluster.addresses)}),
        task_type=_JOB, task_id=cluster.index, rpc_layer="grpc",
        num_accelerators={"GPU": len(tf.config.list_physical_devices("GPU"))},
    )  # fmt: skip


def _await_others(cluster: Cluster, patience: float) -> None:
    """Wait until all others can be reached.

    They wait for the chief from then on, as long as they are told to. TensorFlow's chief would wait for them
    without end.
    """
    end = time.monotonic() + 60 * patience
    for address in cluster.addresses[1:]:
        while not _answers(address):
            if time.monotonic() >= end:
                raise _unreached(cluster, address, patience)
            time.sleep(_PAUSE)


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PAUSE).close()
    except OSError:
        return False
    return True


def _unreached(cluster: Cluster, address: str, patience: float) -> GansuiteError:
    return GansuiteError(
        f"{address} could not be reached within {patience:g} minutes",
        where=f"worker {cluster.index} of {len(cluster.addresses)}",
        hint=f"Start the same command on each of {', '.join(cluster.addresses)}, and open these ports.",
    )


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let signals end the process at once: Python's handlers do not get through to TensorFlow meanwhile."""
    handlers = heard()
    for number in handlers:
        signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _differences(own: int, mine: Mapping[str, str], other: int, theirs: Mapping[str, str]) -> str | None:
    names = [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]
    if not names:
        return None
    first, *more = names
    others = f"; these differ too: {', '.join(more[:_NAMED])}" if more else ""
    return f"{first} is {mine.get(first)} for worker {own} and {theirs.get(first)} for worker {other}{others}"
