"""What a served model refuses before it computes anything."""

from __future__ import annotations

import pytest
import tensorflow as tf

from gansuite.export import guarding
from gansuite.export.guarding import guarded

SPECS = {"images": tf.TensorSpec([None, 2], tf.float32), "labels": tf.TensorSpec([None], tf.int32)}


def sums() -> tf.types.experimental.ConcreteFunction:
    traced = tf.function(
        lambda images, labels: tf.reduce_sum(images, axis=1) + tf.cast(labels, tf.float32)[:1]
    )
    return guarded("sums", traced.get_concrete_function(**SPECS), SPECS)


def test_what_is_alright_is_answered() -> None:
    assert sums()(images=tf.ones([3, 2]), labels=tf.ones([3], tf.int32)).numpy().tolist() == [3, 3, 3]


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        ([3, 2], [5], "sums: labels has other rows than images"),
        ([3, 2], [1], "sums: labels has other rows than images"),
        ([0, 2], [0], "sums: images has nothing in it"),
        ([1025, 2], [1025], "sums: images has more than 1024 rows"),
        ([3, 3], [3], "not compatible with expected shape"),
    ],
)
def test_what_is_not_is_refused_with_the_reason(images: list[int], labels: list[int], message: str) -> None:
    answer = tf.function(lambda one, other: sums()(images=one, labels=other))
    with pytest.raises((tf.errors.InvalidArgumentError, TypeError, ValueError)) as refused:
        answer.get_concrete_function(tf.TensorSpec(None, tf.float32), tf.TensorSpec(None, tf.int32))(
            tf.ones(images), tf.ones(labels, tf.int32)
        )
    assert message in str(refused.value)


def test_numbers_are_limited_over_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "MOST_NUMBERS", 5)
    with pytest.raises(tf.errors.InvalidArgumentError, match="sums: images has more than 5 numbers"):
        sums()(images=tf.ones([3, 2]), labels=tf.ones([3], tf.int32))
