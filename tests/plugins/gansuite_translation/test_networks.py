"""Architectures as published: weights, shapes, and how much each judges at once."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.errors import ConfigError
from gansuite.layers.instance_norm import InstanceNormalization
from gansuite.precision import layer_precision
from gansuite_translation.config import PatchGAN, Pix2Pix, Sides, UNet
from gansuite_translation.networks.patchgan import build_patchgan
from gansuite_translation.networks.resnet import build_resnet
from gansuite_translation.networks.unet import build_unet, encoder_widths, noise_shapes


def test_the_u_net_for_256_pixels_has_the_published_54_4_million_weights() -> None:
    network = build_unet(UNet(), Sides(size=256))
    assert network.count_params() == 54_413_955  # the figure of the authors' PyTorch code


def test_the_70_by_70_patchgan_has_the_published_2_8_million_weights() -> None:
    assert build_patchgan(PatchGAN(), 6).count_params() == 2_768_705  # likewise


@pytest.mark.parametrize(
    ("size", "widths", "dropped"),
    [
        (256, [64, 128, 256, 512, 512, 512, 512, 512], [(2, 2, 512), (4, 4, 512), (8, 8, 512)]),
        (128, [64, 128, 256, 512, 512, 512, 512], [(2, 2, 512), (4, 4, 512), (8, 8, 512)]),
        (64, [64, 128, 256, 512, 512, 512], [(2, 2, 512), (4, 4, 512), (8, 8, 256)]),
    ],
)
def test_the_levels_of_each_u_net(size: int, widths: list[int], dropped: list[tuple[int, ...]]) -> None:
    assert encoder_widths(UNet(), size) == widths
    assert noise_shapes(UNet(), size) == dropped
    assert noise_shapes(UNet(dropout=0.0), size) == []


def test_the_u_net_goes_down_to_1_by_1_and_connects_every_level() -> None:
    network = build_unet(UNet(width=2, dropout=0.0), Sides(size=32))
    downs = [layer for layer in network.layers if layer.name.startswith("down") and "norm" not in layer.name]
    probe = keras.Model(network.inputs, [layer.output for layer in downs])
    made = probe([tf.zeros([1, 32, 32, 3])])
    assert [one.shape[1] for one in made] == [16, 8, 4, 2, 1]
    joined = [layer for layer in network.layers if isinstance(layer, keras.layers.Concatenate)]
    assert len(joined) == 4
    normalised = [layer.name for layer in network.layers if isinstance(layer, InstanceNormalization)]
    assert not {"down_0_norm", "down_4_norm"} & set(normalised)
    assert len(normalised) == 3 + 4


def test_dropout_is_what_its_noise_says_and_off_outside_of_training() -> None:
    keras.utils.set_random_seed(0)
    network = build_unet(UNet(width=4), Sides(size=16))
    pictures = tf.random.stateless_normal([2, 16, 16, 3], [0, 0])
    shapes = noise_shapes(UNet(width=4), 16)
    one, other = (
        [tf.random.stateless_uniform([2, *shape], [seed, level]) for level, shape in enumerate(shapes)]
        for seed in (1, 2)
    )
    trained = network([pictures, *one], training=True)
    assert np.array_equal(network([pictures, *one], training=True), trained)
    assert np.abs(network([pictures, *other], training=True) - trained).max() > 1e-4
    unused = [tf.zeros([2, 1, 1, shape[-1]]) for shape in shapes]
    assert np.array_equal(
        network([pictures, *unused], training=False), network([pictures, *one], training=False)
    )


PATCHES = {0: 1, 1: 16, 2: 34, 3: 70, 4: 142}


@pytest.mark.parametrize("layers", PATCHES)
def test_the_patch_that_one_answer_depends_on(layers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured by gradient. Statistics of the whole picture are left out: they are not what is meant."""
    monkeypatch.setattr(InstanceNormalization, "call", lambda self, inputs: inputs * self.scale + self.centre)
    keras.utils.set_random_seed(0)
    size = 64 if layers < 3 else 256
    judge = build_patchgan(PatchGAN(width=2, layers=layers), 1)
    picture = tf.random.stateless_normal([1, size, size, 1], [0, 0])
    with tf.GradientTape() as tape:
        tape.watch(picture)
        logits = judge(picture)
        side = int(np.sqrt(logits.shape[1]))
        assert side**2 == logits.shape[1]
        assert side == (size if layers == 0 else size // 2**layers - 2)
        one = logits[0, (side // 2) * side + side // 2]
    slope = np.abs(tape.gradient(one, picture).numpy()[0, :, :, 0])
    for axis in (0, 1):
        touched = np.flatnonzero(slope.max(axis=axis))
        assert touched.max() - touched.min() + 1 == PATCHES[layers]


def test_more_layers_than_halvings_are_refused() -> None:
    with pytest.raises(ConfigError, match="at most 2 layers") as caught:
        Pix2Pix(data=_pairs(16), discriminator=PatchGAN(layers=3))
    assert "discriminator.layers" in str(caught.value)
    Pix2Pix(data=_pairs(16), discriminator=PatchGAN(layers=3), adversarial=0.0)
    with pytest.raises(ConfigError, match="nothing is left to learn from"):
        Pix2Pix(adversarial=0.0, l1=0.0)


def _pairs(size: int) -> Any:
    from gansuite_translation.config import Pairs

    return Pairs(size=size)


def test_the_resnet_is_the_published_one() -> None:
    """c7s1-64, d128, d256, 9 × R256, u128, u64, c7s1-3: 11.4 million weights, without biases that a
    normalisation takes away again, and with its scales and centres."""
    kernels = 7 * 7 * 3 * 64 + 9 * (64 * 128 + 128 * 256) + 9 * 2 * 9 * 256 * 256
    kernels += 9 * (256 * 128 + 128 * 64) + 7 * 7 * 64 * 3 + 3
    norms = 2 * (64 + 128 + 256 + 9 * 2 * 256 + 128 + 64)
    assert build_resnet(64, 9, 3).count_params() == kernels + norms
    assert kernels == pytest.approx(11.4e6, rel=0.01)


def test_generators_take_every_size_they_can_halve() -> None:
    resnet = build_resnet(2, 1, 3)
    assert resnet([tf.zeros([1, 20, 36, 3])]).shape == (1, 20, 36, 3)
    unet = build_unet(UNet(width=2, dropout=0.0), Sides(size=16))
    assert unet([tf.zeros([1, 32, 48, 3])]).shape == (1, 32, 48, 3)


@pytest.mark.parametrize("name", ["unet", "resnet", "patchgan"])
def test_what_networks_say_is_float32_in_bfloat16(name: str) -> None:
    with layer_precision("bfloat16"):
        network = {
            "unet": lambda: build_unet(UNet(width=2), Sides(size=16)),
            "resnet": lambda: build_resnet(2, 1, 3),
            "patchgan": lambda: build_patchgan(PatchGAN(width=2, layers=1), 3),
        }[name]()
    assert network.outputs[0].dtype == "float32"
    assert "bfloat16" in {layer.compute_dtype for layer in network.layers}
