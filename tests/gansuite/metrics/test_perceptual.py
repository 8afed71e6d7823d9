"""Perceptual distance against another implementation, and what it is made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from gansuite.errors import DataError
from gansuite.metrics.perceptual import PerceptualDistance, stage_distances
from gansuite.models.squeezenet import load_squeezenet

# Reference figures: SqueezeNet 1.1 and LPIPS written with torch.nn.functional alone (PyTorch 2.13: conv2d,
# max_pool2d with ceil_mode, LPIPS's shift and scale), on the weights in shared/data and the pictures below.
SIZES = ((64, 64), (37, 50))
WITH_HEADS = {
    (64, 64): (0.151335, 0.027252, 0.043025, 0.068526, 0.052363, 0.035288, 0.041913),
    (37, 50): (0.147799, 0.02869, 0.039411, 0.075912, 0.056452, 0.032501, 0.038992),
}
WITHOUT_HEADS = {(64, 64): 5.895923, (37, 50): 5.594836}
MEAN_FEATURES = {
    (64, 64): (0.658919, 4.073317, 13.450525, 27.249086, 29.972044, 20.931335, 5.134615),
    (37, 50): (0.629187, 3.999472, 14.688701, 28.32464, 33.987389, 24.254301, 6.927961),
}


def picture(number: int, height: int, width: int) -> np.ndarray:
    """A picture that every implementation can make: float32 (1, height, width, 3) in [0, 1]."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = [
        np.sin(0.21 * x * (1 + number) + 0.1 * y),
        np.cos(0.17 * y * (1 + number) - 0.05 * x),
        np.sin(0.013 * x * y / (1 + number)),
    ]
    return (0.5 + 0.5 * np.stack(waves, axis=-1)).astype(np.float32)[None]


@pytest.fixture(scope="module")
def backbone(shared_data: Path) -> Path:
    return shared_data / "squeezenet" / "squeezenet1_1_fp16.npz"


@pytest.fixture(scope="module")
def heads(shared_data: Path) -> Path:
    return shared_data / "squeezenet" / "lpips_squeeze_v0.1_lin.npz"


@pytest.mark.parametrize("size", SIZES)
def test_squeezenet_sees_what_another_implementation_sees(backbone: Path, size: tuple[int, int]) -> None:
    stages = load_squeezenet(backbone)(picture(0, *size))
    assert [stage.shape[-1] for stage in stages] == [64, 128, 256, 384, 384, 512, 512]
    means = [float(tf.reduce_mean(stage)) for stage in stages]
    assert means == pytest.approx(MEAN_FEATURES[size], rel=1e-4)


@pytest.mark.parametrize("size", SIZES)
def test_the_distance_is_that_of_another_implementation(
    backbone: Path, heads: Path, size: tuple[int, int]
) -> None:
    a, b = picture(0, *size), picture(1, *size)
    lpips = PerceptualDistance.load(backbone, heads)
    assert lpips.by_stage(a, b)[0] == pytest.approx(WITH_HEADS[size], abs=2e-6)
    assert lpips(a, b) == pytest.approx([sum(WITH_HEADS[size])], abs=1e-5)
    assert "LPIPS" in lpips.name
    alike = PerceptualDistance.load(backbone)
    assert alike(a, b) == pytest.approx([WITHOUT_HEADS[size]], rel=1e-5)


def test_a_picture_is_at_no_distance_from_itself_and_nearer_to_what_is_alike(
    backbone: Path, heads: Path
) -> None:
    lpips = PerceptualDistance.load(backbone, heads)
    one = np.repeat(picture(0, 40, 40), 3, axis=0)
    noise = np.random.default_rng(0).normal(size=one.shape).astype(np.float32)
    others = np.clip(one + noise * np.array([0, 0.02, 0.2], np.float32)[:, None, None, None], 0, 1)
    same, near, far = lpips(one, others)
    assert same == 0
    assert 0 < near < far
    assert lpips(others, one) == pytest.approx([same, near, far], abs=1e-6)


def test_grey_pictures_are_taken_as_rgb(backbone: Path) -> None:
    alike = PerceptualDistance.load(backbone)
    a, b = (picture(number, 20, 20)[..., :1] for number in (0, 1))
    assert alike(a, b) == pytest.approx(alike(np.repeat(a, 3, axis=3), np.repeat(b, 3, axis=3)))


def test_small_pictures_are_refused(backbone: Path) -> None:
    alike = PerceptualDistance.load(backbone)
    assert alike(picture(0, 17, 17), picture(1, 17, 17)) > 0
    with pytest.raises(DataError, match="at least 17 pixels"):
        alike(picture(0, 16, 40), picture(1, 16, 40))


def test_by_hand() -> None:
    """Features of length 5 and 1: (3, 4)/5 and (1, 0) differ by (-0.4, 0.8)."""
    a = tf.constant([[[[3.0, 4.0]]]])
    b = tf.constant([[[[1.0, 0.0]]]])
    assert stage_distances([a], [b]).numpy() == pytest.approx(np.array([[0.16 + 0.64]]))
    assert stage_distances([a], [b], [tf.constant([1.0, 0.5])]).numpy() == pytest.approx(np.array([[0.48]]))


def test_a_place_without_features_has_a_slope_of_0() -> None:
    features = tf.zeros([1, 2, 2, 3])
    with tf.GradientTape() as tape:
        tape.watch(features)
        distance = tf.reduce_sum(stage_distances([features], [tf.ones([1, 2, 2, 3])]))
    assert np.isfinite(tape.gradient(distance, features).numpy()).all()


def test_files_that_are_not_the_weights_are_named(tmp_path: Path, backbone: Path, heads: Path) -> None:
    lost, text, other = tmp_path / "lost.npz", tmp_path / "text.npz", tmp_path / "other.npz"
    text.write_text("weights")
    np.savez(other, **{"features.0.weight": np.zeros([64, 3, 3, 3])})
    for file, what in (
        (lost, "no such file"),
        (text, "cannot be read"),
        (other, r"has no features\.0\.bias"),
    ):
        with pytest.raises(DataError, match=what) as caught:
            PerceptualDistance.load(file)
        assert str(file) in str(caught.value)
    wrong = tmp_path / "wrong.npz"
    with np.load(backbone) as arrays:
        np.savez(wrong, **{**arrays, "features.0.weight": np.zeros([64, 3, 5, 5])})
    with pytest.raises(DataError, match="wrong shape"):
        PerceptualDistance.load(wrong)
    with pytest.raises(DataError, match="lin0"):
        PerceptualDistance.load(backbone, backbone)
    objects = tmp_path / "objects.npz"
    np.savez(objects, weights=np.array([object()]))
    with pytest.raises(DataError, match="cannot be read"):
        PerceptualDistance.load(objects)
