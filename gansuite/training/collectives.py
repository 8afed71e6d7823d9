"""What devices and workers compute together."""

from __future__ import annotations

from tensorflow.python.distribute import cross_device_utils  # the public interface leaves no choice


def keep_keys() -> None:
    """Have sums over devices meet under the same keys in every call of a graph.

    TensorFlow (2.21) gives them new ones for each call unless it is told otherwise, and forgets none: memory
    grows by megabytes a minute where several devices train. Numbered while a graph is built, keys are the
    same for all who build the same graphs in the same order, as the workers of a run do.
    """
    cross_device_utils.CollectiveReplicaLauncher._prefer_unique_instance_key = False
