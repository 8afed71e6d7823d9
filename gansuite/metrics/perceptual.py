"""Perceptual distance: how far apart two pictures are in the features of a trained network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import keras
import numpy as np
import tensorflow as tf

from gansuite.errors import DataError
from gansuite.models.squeezenet import SMALLEST, digest, load_squeezenet, read_arrays

# As in the published code: what has no features at all is nobody's neighbour.
_EPSILON = 1e-10
_ROWS_AT_A_TIME = 16
HEADS_HINT = "It should be an .npz file with LPIPS's linear heads: lin0.model.1.weight and so on."


def stage_distances(
    a: Sequence[tf.Tensor], b: Sequence[tf.Tensor], heads: Sequence[tf.Tensor] | None = None
) -> tf.Tensor:
    """Compare two batches stage by stage.

    Args:
        a, b: a stage's features each, float32 (batch, h, w, c).
        heads: how much each channel counts, float32 (c,) for each stage; None: all alike, 1.

    Returns:
        float32 (batch, stages): features scaled to length 1 at every place, squared difference, weighted sum
        over the channels, mean over the places. LPIPS is the sum over the stages.

    Source: Zhang et al. 2018, arXiv:1801.03924, eq. 1.
    """
    weights = [1.0] * len(a) if heads is None else heads
    distances = []
    for of_a, of_b, weight in zip(a, b, weights, strict=True):
        squares = tf.square(_unit(of_a) - _unit(of_b)) * weight
        distances.append(tf.reduce_mean(tf.reduce_sum(squares, axis=-1), axis=[1, 2]))
    return tf.stack(distances, axis=1)


class PerceptualDistance:
    """The distance in LPIPS form on one backbone.

    Args:
        backbone: maps pictures, RGB in [0, 1], to the features of its stages.
        heads: how much each channel of each stage counts; None: all alike.
        name: what it was made from, to be said beside a figure.
    """

    def __init__(
        self, backbone: keras.Model, heads: Sequence[np.ndarray] | None = None, name: str = ""
    ) -> None:
        self.name = name
        self._heads = None if heads is None else [tf.constant(head, tf.float32) for head in heads]
        self._backbone = backbone
        pictures = tf.TensorSpec([None, None, None, 3], tf.float32)
        self._compare = tf.function(self._distances, input_signature=[pictures, pictures], autograph=False)

    @classmethod
    def load(cls, backbone: Path, heads: Path | None = None) -> Self:
        """Read SqueezeNet 1.1, and LPIPS's linear heads for it where they are given.

        Raises:
            DataError: a file is missing or is not these weights.
        """
        name = f"SqueezeNet 1.1 {digest(backbone) if backbone.is_file() else ''}"
        network = load_squeezenet(backbone)
        if heads is None:
            return cls(network, None, f"{name}, channels alike")
        return cls(network, _read_heads(heads, network), f"{name}, LPIPS heads {digest(heads)}")

    def __call__(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the distance of each pair.

        Args:
            a, b: pictures, float32 (n, height, width, 1 or 3) in [0, 1], at least 17 × 17. Grey ones are
                taken as RGB.

        Returns:
            float32 (n,), at least 0.
        """
        distances: np.ndarray = self.by_stage(a, b).sum(axis=1)
        return distances

    def by_stage(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the distances of each pair at each stage, float32 (n, stages); arguments as of a call.

        Raises:
            DataError: the pictures are too small.
        """
        if min(a.shape[1:3]) < SMALLEST:
            raise DataError(f"pictures must be at least {SMALLEST} pixels wide and high for this distance")
        parts = [
            self._compare(_rgb(a[start : start + _ROWS_AT_A_TIME]), _rgb(b[start : start + _ROWS_AT_A_TIME]))
            for start in range(0, len(a), _ROWS_AT_A_TIME)
        ]
        distances: np.ndarray = np.concatenate([part.numpy() for part in parts])
        return distances

    def _distances(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return stage_distances(self._backbone(a), self._backbone(b), self._heads)


def _unit(features: tf.Tensor) -> tf.Tensor:
    # The root of 0 has no slope: where this is part of a loss, a place without features must not spoil it.
    squares = tf.reduce_sum(tf.square(features), axis=-1, keepdims=True)
    return features / tf.sqrt(squares + _EPSILON**2)


def _rgb(pictures: np.ndarray) -> tf.Tensor:
    return tf.constant(np.broadcast_to(pictures, (*pictures.shape[:3], 3)), tf.float32)


def _read_heads(path: Path, backbone: keras.Model) -> list[np.ndarray]:
    arrays = read_arrays(path, HEADS_HINT)
    heads = []
    for number, output in enumerate(backbone.outputs):
        name = f"lin{number}.model.1.weight"
        if name not in arrays or arrays[name].size != output.shape[-1]:
            what = f"has no {name} of {output.shape[-1]} numbers, one for each channel of stage {number + 1}"
            raise DataError(what, where=str(path), hint=HEADS_HINT)
        heads.append(arrays[name].ravel())
    return heads
