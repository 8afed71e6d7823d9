"""The networks of DCGAN, as published."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.config import Layer, resolve
from gansuite.precision import layer_precision
from gansuite_image.config import DCGAN, SIZES, ImageData, Network
from gansuite_image.networks.dcgan import build_discriminator, build_generator
from gansuite_image.plugin import dcgan


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_of_every_size_come_out_and_go_in(size: int, channels: int) -> None:
    data, network = ImageData(size=size, channels=channels), Network(width=2)
    pictures = build_generator(network, data, 5)(tf.zeros([3, 5]))
    assert pictures.shape == (3, size, size, channels)
    assert build_discriminator(network, data)(pictures).shape == (3,)


def test_the_paper_s_generator_has_the_paper_s_size() -> None:
    config = resolve(DCGAN, [Layer("preset paper", dcgan.presets["paper"])])
    generator = build_generator(config.generator, config.data, config.latent)
    kernels = [layer.kernel.shape for layer in generator.layers if hasattr(layer, "kernel")]
    assert kernels == [
        (100, 4 * 4 * 1024),
        (5, 5, 512, 1024),
        (5, 5, 256, 512),
        (5, 5, 128, 256),
        (5, 5, 3, 128),
    ]


def test_weights_begin_normal_with_deviation_002_and_slopes_are_02() -> None:
    keras.utils.set_random_seed(0)
    network, data = Network(width=64), ImageData(size=32)
    for model in (build_generator(network, data, 64), build_discriminator(network, data)):
        weights = np.concatenate(
            [weight.numpy().ravel() for weight in model.weights if "kernel" in weight.path]
        )
        assert abs(weights.mean()) < 2e-4
        assert weights.std() == pytest.approx(0.02, rel=0.01)
    leaky = [layer for layer in model.layers if isinstance(layer, keras.layers.LeakyReLU)]
    assert leaky
    assert {layer.negative_slope for layer in leaky} == {0.2}


def test_batch_normalisation_is_where_the_paper_has_it_and_spans_all_devices() -> None:
    network, data = Network(width=2), ImageData(size=32)

    def normalised(model: keras.Model) -> list[str]:
        layers = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
        assert all(layer.synchronized for layer in layers)
        return [layer.name for layer in layers]

    assert normalised(build_generator(network, data, 4)) == ["project_norm", "up_8_norm", "up_16_norm"]
    assert normalised(build_discriminator(network, data)) == ["down_8_norm", "down_4_norm"]
    without = Network(width=2, batch_norm=False)
    assert (
        normalised(build_generator(without, data, 4)) == normalised(build_discriminator(without, data)) == []
    )


def test_last_layers_stay_float32_in_bfloat16() -> None:
    with layer_precision("bfloat16"):
        generator = build_generator(Network(width=2), ImageData(size=16, channels=1), 4)
        discriminator = build_discriminator(Network(width=2), ImageData(size=16, channels=1))
    assert generator.get_layer("up_8").compute_dtype == "bfloat16"
    pictures = generator(tf.random.stateless_normal([2, 4], [0, 0]))
    assert (pictures.dtype, discriminator(pictures).dtype) == (tf.float32, tf.float32)


def test_a_picture_does_not_depend_on_its_neighbours_when_generating() -> None:
    generator = build_generator(Network(width=4), ImageData(size=16, channels=1), 8)
    latents = tf.random.stateless_normal([4, 8], [0, 1])
    together, alone = generator(latents, training=False), generator(latents[:1], training=False)
    assert np.allclose(together[:1], alone, atol=1e-6)
