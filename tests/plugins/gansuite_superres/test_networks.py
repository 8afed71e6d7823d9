"""The networks, as published and as made for speed."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.config import Layer, resolve
from gansuite.data.images.bicubic import enlarge
from gansuite.precision import layer_precision
from gansuite_superres.config import SCALES, SRGAN, Discriminator, Generator
from gansuite_superres.networks.discriminator import build_discriminator
from gansuite_superres.networks.enlarging import Bicubic
from gansuite_superres.networks.generator import build_generator, reach
from gansuite_superres.plugin import srgan

PAPER: Any = resolve(SRGAN, [Layer("preset paper", srgan.presets["paper"])])
SMALL = {"blocks": 2, "width": 4}
KINDS: dict[str, dict[str, Any]] = {
    "default": {},
    "stepwise": {"upsampling": "stepwise", "ends": 9, "activation": "prelu", "bicubic": False},
    "normalised": {"batch_norm": True, "ends": 5},
}


def test_the_paper_s_generator_has_the_paper_s_layers() -> None:
    generator = build_generator(PAPER.generator, 4)
    kernels = [layer.kernel.shape for layer in generator.layers if hasattr(layer, "kernel")]
    assert kernels == [(9, 9, 3, 64), *[(3, 3, 64, 64)] * 33, *[(3, 3, 64, 256)] * 2, (9, 9, 64, 3)]
    kinds = [type(layer).__name__ for layer in generator.layers]
    assert kinds.count("BatchNormalization") == 33
    assert kinds.count("PReLU") == 1 + 16 + 2
    assert kinds.count("Add") == 17
    biased = [layer.name for layer in generator.layers if getattr(layer, "bias", None) is not None]
    assert biased == ["first", "up_1", "up_2", "last"]


def test_the_paper_s_discriminator_has_the_paper_s_layers() -> None:
    discriminator = build_discriminator(PAPER.discriminator, PAPER.data.crop)
    layers = [layer for layer in discriminator.layers if isinstance(layer, keras.layers.Conv2D)]
    widths = [64, 64, 128, 128, 256, 256, 512, 512]
    assert [layer.filters for layer in layers] == widths
    assert [layer.strides[0] for layer in layers] == [1, 2] * 4
    dense = [layer.kernel.shape for layer in discriminator.layers if isinstance(layer, keras.layers.Dense)]
    assert dense == [(6 * 6 * 512, 1024), (1024, 1)]
    kinds = [type(layer).__name__ for layer in discriminator.layers]
    assert kinds.count("BatchNormalization") == 7


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_any_size_become_so_many_times_larger(kind: str, scale: int) -> None:
    generator = build_generator(Generator(**SMALL, **KINDS[kind]), scale)
    for height, width in ((1, 1), (5, 8)):
        assert generator(tf.zeros([2, height, width, 3])).shape == (2, height * scale, width * scale, 3)


@pytest.mark.parametrize("scale", SCALES)
def test_before_it_has_learned_a_generator_enlarges_as_matlab_does(scale: int) -> None:
    pixels = np.random.default_rng(0).integers(64, 192, (6, 7, 3), np.uint8)
    given = tf.constant(pixels[None] / np.float32(127.5) - 1)
    made = build_generator(Generator(**SMALL), scale)(given)
    rounded = ((made.numpy()[0] + 1) * 127.5).clip(0, 255)
    assert np.abs(rounded - enlarge(pixels, scale)).max() < 2  # `enlarge` rounds between rows and columns
    np.testing.assert_allclose(made, Bicubic(scale)(given), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [3, 4])
def test_the_reach_is_where_slopes_end(kind: str, scale: int) -> None:
    network = Generator(**SMALL, **KINDS[kind])
    generator, seen = build_generator(network, scale), reach(network, scale)
    # Weights of one sign let no path vanish.
    generator.set_weights([np.abs(weight) + 0.01 for weight in generator.get_weights()])
    side = 2 * seen + 5
    pictures = tf.ones([1, side, side, 3])
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        made = generator(pictures, training=False)
        pixel = side // 2 * scale
        block = tf.reduce_sum(made[:, pixel : pixel + scale, pixel : pixel + scale])
    slopes = np.abs(tape.gradient(block, pictures)).sum(axis=(0, 2, 3))
    found = np.flatnonzero(slopes)
    measured = max(side // 2 - found[0], found[-1] - side // 2)
    assert measured == seen


def test_discriminator_gives_logits_and_the_features_of_its_stages() -> None:
    logits, *stages = build_discriminator(Discriminator(width=2, dense=3), 48)(tf.zeros([5, 48, 48, 3]))
    assert logits.shape == (5,)
    assert [stage.shape[1:] for stage in stages] == [(24, 24, 2), (12, 12, 4), (6, 6, 8), (3, 3, 16)]


def test_no_row_depends_on_another_when_enlarging() -> None:
    generator = build_generator(Generator(**SMALL, **KINDS["normalised"]), 2)
    pictures = tf.random.stateless_uniform([3, 6, 6, 3], [0, 0])
    together, alone = generator(pictures, training=False), generator(pictures[1:2], training=False)
    np.testing.assert_allclose(together[1:2], alone, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_last_layers_stay_float32_in_bfloat16(kind: str) -> None:
    with layer_precision("bfloat16"):
        generator = build_generator(Generator(**SMALL, **KINDS[kind]), 4)
        discriminator = build_discriminator(Discriminator(width=2, dense=2), 32)
    assert generator.get_layer("first").compute_dtype == "bfloat16"
    pictures = generator(tf.zeros([2, 8, 8, 3]))
    assert (pictures.dtype, discriminator(pictures)[0].dtype) == (tf.float32, tf.float32)
    if kind == "default":
        assert generator.get_layer("bicubic").compute_dtype == "float32"
