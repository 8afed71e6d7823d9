"""Which devices a run uses."""

from __future__ import annotations

import functools

import tensorflow as tf

from gansuite.errors import UsageError
from gansuite.settings import Training
from gansuite.training.collectives import keep_keys
from gansuite.training.crew import Crew


def make_strategy(training: Training, crew: Crew) -> tf.distribute.Strategy:
    """Choose the devices for a run.

    Args:
        training: `strategy` "auto" takes a TPU where there is one, with all its cores, else as many GPUs as
            can share a batch evenly where there are several, else one device; "one" takes one device;
            "mirrored" takes `devices` of them (0: all), on a machine without a GPU as logical parts of its
            CPU.
        crew: the workers, which bring their own where there are several.

    Raises:
        UsageError: where there are fewer devices than asked for, or they cannot share the batch evenly.
    """
    if crew.strategy is not None:
        _check_devices(training, crew.strategy.num_replicas_in_sync // crew.count)
        _check_share(training, crew.strategy.num_replicas_in_sync)
        return crew.strategy
    if training.strategy == "auto" and tf.config.list_physical_devices("TPU"):
        strategy = _tpu()
        _check_devices(training, strategy.num_replicas_in_sync)
        _check_share(training, strategy.num_replicas_in_sync)
        return strategy
    gpus = len(tf.config.list_physical_devices("GPU"))
    wanted = training.devices
    if training.strategy == "auto" and not wanted:
        wanted = sharing(training, gpus)
    if training.strategy == "one":
        _check_devices(training, 1)
        wanted = 1
    if training.strategy != "mirrored" and wanted == 1:
        _check_share(training, 1)
        return tf.distribute.get_strategy()
    names = _device_names("GPU" if gpus else "CPU", wanted)
    _check_share(training, len(names))
    return _mirrored(names)


def sharing(training: Training, devices: int) -> int:
    """Return the largest number of devices, up to `devices`, that share a batch evenly; at least 1."""
    shares = training.batch_size // training.accumulate
    return next((count for count in range(devices, 1, -1) if shares % count == 0), 1)


def left_idle(training: Training, strategy: tf.distribute.Strategy) -> str | None:
    """Say which GPUs "auto" leaves out, and why; None where it leaves out none."""
    there, used = len(tf.config.list_physical_devices("GPU")), strategy.num_replicas_in_sync
    if training.strategy != "auto" or training.devices or used >= there:
        return None
    return (
        f"trains on {used} of {there} GPUs: more cannot share a batch of {training.batch_size} evenly; "
        f"--batch-size {there * training.accumulate}, or a multiple of it, uses all"
    )


@functools.cache
def _tpu() -> tf.distribute.Strategy:
    # Starting its system forgets all that is on it, so it is done once in a process.
    return tf.distribute.TPUStrategy(tf.distribute.cluster_resolver.TPUClusterResolver.connect("local"))


@functools.cache
def _mirrored(names: tuple[str, ...]) -> tf.distribute.Strategy:
    keep_keys()
    # Two of these in one process number their collective operations alike, and meet each other's.
    return tf.distribute.MirroredStrategy(names)


def _device_names(kind: str, wanted: int) -> tuple[str, ...]:
    if kind == "CPU" and wanted > 1:
        _divide_cpu(wanted)
    present = [device.name for device in tf.config.list_logical_devices(kind)]
    if wanted > len(present):
        raise UsageError(
            f"{wanted} devices were asked for, this machine has {len(present)} ({kind}).",
            where="training.devices",
            hint=f"Use --devices {len(present)} or fewer, or leave it out to use all.",
        )
    return tuple(present[: wanted or len(present)])


def _divide_cpu(parts: int) -> None:
    cpu = tf.config.list_physical_devices("CPU")[0]
    existing = tf.config.get_logical_device_configuration(cpu) or []
    if len(existing) >= parts:
        return
    try:
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * parts)
    except RuntimeError as error:
        raise UsageError(
            f"The CPU cannot be divided into {parts} logical devices after TensorFlow has started.",
            where="training.devices",
            hint="Start a new process.",
        ) from error


def _check_devices(training: Training, used: int) -> None:
    if training.devices not in (0, used):
        raise UsageError(
            f"strategy {training.strategy} uses {used} {'device' if used == 1 else 'devices'} here, "
            f"not {training.devices}.",
            where="training.devices",
            hint="Leave devices at 0, or use --strategy mirrored.",
        )


def _check_share(training: Training, devices: int) -> None:
    size, parts = training.batch_size, devices * training.accumulate
    if size % parts:
        below = size - size % parts
        fitting = f"{below} or {below + parts}" if below else str(parts)
        by = f"{devices} devices" if training.accumulate == 1 else f"{parts} parts, accumulated ones included"
        raise UsageError(
            f"A batch of {size} does not divide by {by}.",
            where="training.batch_size",
            hint=f"Use --batch-size {fitting}, or, as a run that goes on must, devices that divide it.",
        )
