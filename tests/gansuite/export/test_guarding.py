"""What a served model refuses before it computes anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import tensorflow as tf

from gansuite.domain import Endpoint
from gansuite.export import guarding
from gansuite.export.guarding import guarded

SPECS = {"images": tf.TensorSpec([None, 2], tf.float32), "labels": tf.TensorSpec([None], tf.int32)}


def sums(pixels: Callable[..., tf.Tensor] | None = None) -> tf.types.experimental.ConcreteFunction:
    traced = tf.function(
        lambda images, labels: tf.reduce_sum(images, axis=1) + tf.cast(labels, tf.float32)[:1]
    )
    endpoint = Endpoint(function=lambda networks: {}, inputs=SPECS, pixels=pixels)
    return guarded("sums", traced.get_concrete_function(**SPECS), endpoint)


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


def test_what_is_worked_on_is_limited_however_little_is_asked() -> None:
    def enlarged(images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        return tf.shape(images, tf.int64)[0] * 4096 * 4096

    one, two = ({"images": tf.ones([rows, 2]), "labels": tf.ones([rows], tf.int32)} for rows in (1, 2))
    assert sums(enlarged)(**one).numpy().tolist() == [3]
    with pytest.raises(tf.errors.InvalidArgumentError, match="sums: answering takes more than 16777216 pix"):
        sums(enlarged)(**two)
