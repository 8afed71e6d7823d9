"""Noise is a function of seed, step, row and name."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from gansuite.noise import Noise, hash_name, normal_for_seeds


@pytest.mark.parametrize("shape", [(), (3,), (4,), (2, 5)])
@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_a_replica_draws_its_rows_of_what_one_device_draws(kind: str, shape: tuple[int, ...]) -> None:
    whole = getattr(Noise(seed=3, step=7, rows=12), kind)("latents", shape)
    part = getattr(Noise(seed=3, step=7, first_row=5, rows=4), kind)("latents", shape)
    np.testing.assert_array_equal(part, whole[5:9])


def test_seed_step_name_and_scope_each_change_the_draw() -> None:
    noise = Noise(seed=1, step=2, rows=8)
    others = [
        Noise(seed=2, step=2, rows=8).normal("a", [4]),
        Noise(seed=1, step=3, rows=8).normal("a", [4]),
        noise.normal("b", [4]),
        noise.scoped("critic").normal("a", [4]),
    ]
    first = noise.normal("a", [4]).numpy()
    np.testing.assert_array_equal(first, Noise(seed=1, step=2, rows=8).normal("a", [4]))
    for other in others:
        assert not np.intersect1d(first, other).size


def test_normal_noise_is_normal_and_rows_are_uncorrelated() -> None:
    drawn = Noise(seed=0, rows=20_000).normal("latents", [2]).numpy()
    assert abs(drawn.mean()) < 0.02
    assert abs(drawn.std() - 1) < 0.02
    assert abs(np.corrcoef(drawn[:-1, 0], drawn[1:, 0])[0, 1]) < 0.02
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]) < 0.02


def test_uniform_noise_stays_within_its_range() -> None:
    drawn = Noise(seed=0, rows=10_000).uniform("mix", [], -2.0, 3.0).numpy()
    assert drawn.min() >= -2.0
    assert drawn.max() < 3.0
    assert abs(drawn.mean() - 0.5) < 0.1


def test_integers_are_below_their_limit_and_all_occur() -> None:
    drawn = Noise(seed=0, rows=1_000).integers("shift", below=5).numpy()
    assert set(drawn.tolist()) == {0, 1, 2, 3, 4}


def test_a_seed_gives_the_same_row_whatever_stands_beside_it() -> None:
    together = normal_for_seeds(tf.constant([5, -1, 2**40], tf.int64), "latents", [6])
    alone = normal_for_seeds(tf.constant([2**40], tf.int64), "latents", [6])
    np.testing.assert_array_equal(together[2], alone[0])
    assert len(np.unique(together)) == 18


def test_names_have_the_same_number_on_every_machine() -> None:
    assert hash_name("latents") == 5180556364575487248
