"""Which devices a run takes where nobody says."""

from __future__ import annotations

import pytest
import tensorflow as tf

from gansuite.settings import Training
from gansuite.training.strategy import left_idle, sharing


@pytest.mark.parametrize(
    ("batch", "accumulate", "there", "taken"),
    [(64, 1, 8, 8), (1, 1, 8, 1), (2, 1, 8, 2), (64, 1, 6, 4), (64, 2, 5, 4), (64, 32, 8, 2), (9, 1, 0, 1)],
)
def test_as_many_devices_are_taken_as_can_share_a_batch_evenly(
    batch: int, accumulate: int, there: int, taken: int
) -> None:
    training = Training(steps=1, batch_size=batch, accumulate=accumulate)
    assert sharing(training, there) == taken
    assert batch % (taken * accumulate) == 0


def test_where_none_is_left_idle_nothing_is_said() -> None:
    assert left_idle(Training(steps=1, batch_size=1), tf.distribute.get_strategy()) is None
