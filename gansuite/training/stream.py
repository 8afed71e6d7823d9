"""Examples in an order that is a function of the seed, from any batch on, for any number of replicas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from gansuite.domain import Examples
from gansuite.noise import Noise, hash_name
from gansuite.settings import Training

_ENDLESS = tf.int64.max


@dataclass(frozen=True, kw_only=True)
class Share:
    """Which rows of each global batch one input pipeline reads.

    Args:
        batch_size: rows of the global batch.
        replicas: how many replicas the global batch is divided between.
        first: the first replica this pipeline feeds.
        local: how many replicas it feeds, one after the other.
        parts: how many parts the global batch is played in, one after the other. Each of them is divided
            between the replicas, so that what is in a part does not depend on how many there are.
    """

    batch_size: int
    replicas: int = 1
    first: int = 0
    local: int = 1
    parts: int = 1

    @property
    def rows(self) -> int:
        """Rows of the global batch that one replica reads."""
        return self.batch_size // self.replicas

    def pieces(self) -> list[tuple[int, int]]:
        """Return where the rows of the first replica begin in the global batch, and how many there are there.

        Those of another replica begin so many rows later for each replica before it.
        """
        if self.replicas == 1:
            return [(0, self.batch_size)]
        part = self.batch_size // self.parts
        return [(number * part, part // self.replicas) for number in range(self.parts)]


def shuffled(positions: tf.Tensor, size: int, seed: int) -> tf.Tensor:
    """Return which example stands at each position of an endless stream: int64, like `positions`.

    Every epoch of `size` positions holds each example once, in an order of its own. An index shuffle
    computes any position without those before it, so a resumed run replays nothing.
    """
    epoch = positions // size
    ours = tf.fill(tf.shape(epoch), tf.constant(seed ^ hash_name("order"), tf.int64))
    # The public index_shuffle pads a matrix of seeds along the wrong axis; the operation itself takes three.
    return tf.raw_ops.RandomIndexShuffle(
        index=positions % size,
        seed=tf.stack([ours, epoch, tf.zeros_like(epoch)], axis=1),
        max_index=tf.constant(size - 1, tf.int64),
        rounds=4,
    )


def stream(examples: Examples, share: Share, *, seed: int, first_batch: int) -> tf.data.Dataset:
    """Read batches without end.

    Args:
        examples: what to read.
        share: which rows; the data set gives the rows of replica `first`, then of the next, and after the
            last of this pipeline goes on with the next global batch.
        seed: decides order and augmentation.
        first_batch: the global batch to begin with.

    Returns:
        Data set of what `examples.load` gives for `share.rows` rows; prefetched.
    """
    options = tf.data.Options()
    options.deterministic = True
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF

    @tf.autograph.experimental.do_not_convert
    def load(element: tf.Tensor) -> Any:
        batch = element // share.local
        replica = share.first + element % share.local
        pieces = [
            piece(batch * share.batch_size + begin + replica * rows, rows) for begin, rows in share.pieces()
        ]
        return tf.nest.map_structure(lambda *several: tf.concat(several, 0), *pieces)

    def piece(first_row: tf.Tensor, rows: int) -> Any:
        positions = first_row + tf.range(rows, dtype=tf.int64)
        noise = Noise(seed=seed, first_row=first_row, rows=rows, scope="examples")
        return examples.load(shuffled(positions, examples.size, seed), noise)

    elements = tf.data.Dataset.range(first_batch * share.local, _ENDLESS)
    loaded = elements.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return loaded.prefetch(tf.data.AUTOTUNE).with_options(options)


def distributed_stream(
    strategy: tf.distribute.Strategy, examples: Examples, training: Training, *, first_batch: int
) -> Any:
    """Return an iterable of batches that gives every replica its own rows."""

    def pipeline(context: tf.distribute.InputContext) -> tf.data.Dataset:
        replicas = context.num_replicas_in_sync
        local = replicas // context.num_input_pipelines
        share = Share(
            batch_size=training.batch_size,
            replicas=replicas,
            first=context.input_pipeline_id * local,
            local=local,
            parts=training.accumulate,
        )
        return stream(examples, share, seed=training.seed, first_batch=first_batch)

    return strategy.distribute_datasets_from_function(pipeline)
