"""What devices compute together."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from gansuite.settings import Training
from gansuite.training.crew import Crew
from gansuite.training.strategy import make_strategy


def test_sums_over_devices_meet_under_the_same_keys_in_every_call(two_devices: list[str]) -> None:
    training = Training(steps=1, batch_size=4, strategy="mirrored", devices=2)
    strategy = make_strategy(training, Crew())

    def add() -> Any:
        replica = tf.distribute.get_replica_context()
        return replica.all_reduce(tf.distribute.ReduceOp.SUM, tf.constant([1.0, 2.0]))

    @tf.function(autograph=False)
    def total() -> tf.Tensor:
        return strategy.experimental_local_results(strategy.run(add))[0]

    # What TensorFlow would number the next of them with; all that were handed out are remembered.
    keys = strategy.extended._collective_keys._instance_key_table
    assert total().numpy().tolist() == [2.0, 4.0]
    before = {group: dict(next_ones) for group, next_ones in keys.items()}
    for _ in range(3):
        assert total().numpy().tolist() == [2.0, 4.0]
    assert keys == before
