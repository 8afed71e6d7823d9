"""Training a run: from its settings to its last checkpoint."""

from __future__ import annotations

import contextlib
import json
import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import tensorflow as tf

from gansuite import __version__
from gansuite.config import to_mapping
from gansuite.contributions import LOSSES, METRICS
from gansuite.deterministic import keep_order
from gansuite.distributions import entry_points, name_of, version_of
from gansuite.domain import Domain, Examples
from gansuite.errors import UsageError
from gansuite.files import write_atomically
from gansuite.noise import Noise
from gansuite.registry import GROUP
from gansuite.reporting.records import flattened, read_environment
from gansuite.runs import Run, unwritable
from gansuite.settings import Training
from gansuite.training.calibration import bfloat16_device
from gansuite.training.crew import Crew
from gansuite.training.observers import Observer, Together
from gansuite.training.signals import stop_on_signals
from gansuite.training.strategy import left_idle, make_strategy
from gansuite.training.trainer import Outcome, Trainer

_PACKAGES = ("tensorflow", "keras", "numpy")


def train(
    run: Run,
    domain: Domain,
    training: Training,
    observers: Sequence[Observer],
    crew: Crew | None = None,
    *,
    settings: str | None = None,
) -> Outcome:
    """Train a run from its newest checkpoint, or from the start.

    Ctrl-C, SIGTERM and SIGHUP end it after the step under way, with a checkpoint.

    Args:
        run: its directory; no other process may use it meanwhile.
        domain: what is trained.
        training: how; `steps` counts from the start of the run.
        observers: are told what happens.
        crew: the workers that train it together; this process alone where it is None.
        settings: what config.toml is to hold, once it is known that the run goes on; None to leave it.

    Raises:
        GansuiteError: as the tree in `gansuite.errors` says.
    """
    crew = crew or Crew()
    # What a helper has of the run is gone with it.
    resuming = run.resuming if crew.is_chief else "gansuite train --resume and the run of worker 0"
    with run.locked(), crew.noticing_losses(resuming):
        hint = "Start the same command, of the same version, on the same data, on each."
        crew.compare("start", lambda: {**_facts(domain), **_devices(crew)}, hint)
        strategy = make_strategy(training, crew)
        keep_order()
        observer = Together(observers)
        idle = left_idle(training, strategy)
        if idle is not None:
            observer.note(idle)
        device, able = bfloat16_device()
        if training.precision == "bfloat16" and not able:
            observer.note(
                f"{device} has no arithmetic for bfloat16, which makes it slower than float32, for "
                "convolutions several times"
            )
        try:
            trainer = Trainer(
                run=run, domain=domain, training=training, strategy=strategy, observer=observer, crew=crew
            )
            done = trainer.restore()
            _check_steps(run, training, done, observer)
            write_environment(run, domain, strategy, _read(trainer.examples), observer if done else None)
            with _rewritten(run, settings), stop_on_signals() as stop:
                return trainer.train(stop)
        except BaseException as error:
            observer.end(type(error).__name__)
            raise


@contextlib.contextmanager
def _rewritten(run: Run, settings: str | None) -> Iterator[None]:
    """Keep new settings with a run, unless they are what keeps it from going on."""
    before = run.config_file.read_text("utf-8")
    if settings in (None, before):
        yield
        return
    run.rewrite_config(settings)
    try:
        yield
    except UsageError:
        run.rewrite_config(before)
        raise


def _facts(domain: Domain) -> dict[str, str]:
    """What must be the same for all workers of a run, by name."""
    settings = {path: str(value) for path, value in flattened(to_mapping(domain.config))}
    # Each has its own way to the same data; what was read is told by its size.
    settings.pop("data.source", None)
    versions = {f"version of {name}": version(name) for name in _PACKAGES}
    versions |= {f"version of {name}": str(number) for name, number in _contributing()}
    return {"version of gansuite": __version__, **versions, **settings, **_read(domain.examples("train"))}


def _devices(crew: Crew) -> dict[str, str]:
    """What a worker trains on: replicas are counted as if all had as many."""
    if crew.strategy is None:
        return {}
    devices = [tf.DeviceSpec.from_string(name) for name in crew.strategy.extended.worker_devices]
    return {"devices of a worker": f"{len(devices)} {devices[0].device_type}"}


def _contributing() -> Iterator[tuple[str, str | None]]:
    """Distributions of which something is in use, with their versions."""
    for distribution, point in entry_points(GROUP, LOSSES, METRICS):
        if re.split("[.:]", point.value)[0].strip() in sys.modules:
            yield name_of(distribution), version_of(distribution)


def _read(examples: Examples) -> dict[str, str]:
    """How many examples there are, and some of what is in three of them, read as for the first step."""
    rows = [0, examples.size // 2, examples.size - 1]
    with tf.device("CPU:0"):
        loaded = examples.load(tf.constant(rows, tf.int64), Noise(seed=0, step=0, rows=len(rows)))
    sizes = [
        # Processors of two kinds round otherwise.
        " ".join(f"{size:.3g}" for size in np.mean(np.abs(np.reshape(part, [len(rows), -1])), axis=1))
        for part in map(np.asarray, tf.nest.flatten(loaded))
        if np.issubdtype(part.dtype, np.number) or part.dtype == bool
    ]
    return {
        "number of examples": str(examples.size),
        "the mean size of the numbers in the first, middle and last example": ", ".join(sizes),
    }


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Say what the next steps of a run are taken with that those before were not."""
    for table, what in (("packages", "{}"), ("examples", "{}, of the data,")):
        old, new = before.get(table, {}), now[table]
        for name in new:
            if name in old and old[name] != new[name]:
                yield f"{what.format(name)} is {new[name]}; it was {old[name]} when this run stopped"
    if before.get("gansuite", now["gansuite"]) != now["gansuite"]:
        yield f"gansuite is {now['gansuite']}; it was {before['gansuite']} when this run stopped"


def _check_steps(run: Run, training: Training, done: int, observer: Observer) -> None:
    if done > training.steps:
        raise UsageError(
            f"the run has got to step {done} already, beyond the {training.steps} steps asked for",
            where=str(run.path),
            hint=f"ask for more than {done}, or leave the steps out",
        )
    if done == training.steps:
        observer.note(f"all {done} steps were done before; more steps train it further")


def write_environment(
    run: Run,
    domain: Domain,
    strategy: tf.distribute.Strategy,
    read: Mapping[str, str],
    observer: Observer | None = None,
) -> None:
    """Note what a run is trained with, and on which data; what it was before stays below.

    Args:
        run: its directory.
        domain: what is trained.
        strategy: on which devices.
        read: some of what was read.
        observer: is told where it goes on with other versions or data than before.

    Raises:
        GansuiteError: the file cannot be written.
    """
    facts: dict[str, Any] = {
        "gansuite": __version__,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "platform": platform.platform(),
        "devices": [device.name for device in tf.config.list_logical_devices()],
        "strategy": type(strategy).__name__,
        "replicas": strategy.num_replicas_in_sync,
        "command": sys.argv,
        "data": dict(domain.describe()),
        "examples": dict(read),
    }
    if observer is not None:
        earlier = read_environment(run.environment_file)
        changed = list(_changes(earlier, facts))
        for change in changed:
            observer.note(change)
        before = earlier.pop("before", [])
        facts["before"] = [*before, earlier] if changed else before
    try:
        write_atomically(run.environment_file, json.dumps(facts, indent=2, default=str) + "\n")
    except OSError as error:
        raise unwritable(run.environment_file, error) from error
