"""Losses of examples beside their targets, against hand-computed cases."""

from __future__ import annotations

import pytest
import tensorflow as tf

from gansuite.losses.features import feature_matching
from gansuite.losses.pixels import l1, l2, smooth_l1


def test_distances_are_means_over_all_numbers() -> None:
    predicted, target = tf.constant([[0.0, 0.5], [3.0, 1.0]]), tf.constant([[0.0, 0.0], [1.0, 1.0]])
    assert float(l1(predicted, target)) == pytest.approx(2.5 / 4)
    assert float(l2(predicted, target)) == pytest.approx(4.25 / 4)
    assert float(smooth_l1(predicted, target)) == pytest.approx((0.125 + 1.5) / 4)


def test_features_match_where_their_means_do() -> None:
    real, fake = tf.constant([[0.0], [2.0]]), tf.constant([[1.0], [1.0]])
    assert float(feature_matching([real], [fake])) == 0
    assert float(feature_matching([real, real], [fake, fake + 2.0])) == pytest.approx(4.0)
