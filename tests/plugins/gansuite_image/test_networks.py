"""The networks of image GANs, as published."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.config import Layer, resolve
from gansuite.precision import layer_precision
from gansuite_image.config import (
    DCGAN,
    SIZES,
    SNGAN,
    WGANGP,
    Discriminator,
    Generator,
    ImageData,
    ImageGAN,
)
from gansuite_image.networks.discriminator import build_discriminator
from gansuite_image.networks.generator import build_generator
from gansuite_image.plugin import dcgan

ARCHITECTURES = ("mlp", "dcgan", "resnet")


def config(
    *, size: int = 32, channels: int = 3, latent: int = 4, width: int = 2, batch_norm: bool = True
) -> ImageGAN:
    return ImageGAN(
        data=ImageData(size=size, channels=channels),
        latent=latent,
        generator=Generator(width=width, batch_norm=batch_norm),
        discriminator=Discriminator(width=width, batch_norm=batch_norm),
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_pictures_of_every_size_come_out_and_go_in(architecture: str, size: int, channels: int) -> None:
    settings = ImageGAN(
        data=ImageData(size=size, channels=channels),
        latent=5,
        generator=Generator(width=2, architecture=architecture),  # type: ignore[arg-type]
        discriminator=Discriminator(width=2, architecture=architecture),  # type: ignore[arg-type]
    )
    pictures = build_generator(settings)(tf.zeros([3, 5]))
    assert pictures.shape == (3, size, size, channels)
    assert build_discriminator(settings)(pictures).shape == (3,)


def test_the_paper_s_generator_has_the_paper_s_size() -> None:
    settings = resolve(DCGAN, [Layer("preset paper", dcgan.presets["paper"])])
    generator = build_generator(settings)
    kernels = [layer.kernel.shape for layer in generator.layers if hasattr(layer, "kernel")]
    assert kernels == [
        (100, 4 * 4 * 1024),
        (5, 5, 512, 1024),
        (5, 5, 256, 512),
        (5, 5, 128, 256),
        (5, 5, 3, 128),
    ]


def test_the_residual_networks_have_the_tables_sizes() -> None:
    """Miyato et al. 2018, table 4: three blocks of 256 that double, four of 128 of which two halve."""
    networks = build_generator(SNGAN()), build_discriminator(SNGAN())
    generator, discriminator = (
        [layer.name for layer in network.layers if layer.name.endswith("_second")] for network in networks
    )
    assert generator == ["up_8_second", "up_16_second", "up_32_second"]
    assert discriminator == ["down_16_second", "down_8_second", "plain_1_second", "plain_2_second"]
    widths = [
        {layer.filters for layer in network.layers if layer.name.endswith("_second")} for network in networks
    ]
    assert widths == [{256}, {128}]


@pytest.mark.parametrize("batch_norm", [True, False])
def test_residual_blocks_have_biases_unless_a_normalisation_takes_them_away(batch_norm: bool) -> None:
    settings = ImageGAN(
        data=ImageData(size=32, channels=3),
        latent=4,
        generator=Generator(width=2, architecture="resnet", batch_norm=batch_norm),
        discriminator=Discriminator(width=2, architecture="resnet", batch_norm=batch_norm),
    )
    for network in (build_generator(settings), build_discriminator(settings)):
        convolutions = [
            layer for layer in network.layers if layer.name.partition("_")[0] in ("up", "down", "plain")
        ]
        biased = [layer.use_bias for layer in convolutions if hasattr(layer, "use_bias")]
        assert len(biased) >= 9
        assert set(biased) == {not batch_norm}


def test_weights_begin_normal_with_deviation_002_and_slopes_are_02() -> None:
    keras.utils.set_random_seed(0)
    settings = config(latent=64, width=64)
    for model in (build_generator(settings), build_discriminator(settings)):
        weights = np.concatenate(
            [weight.numpy().ravel() for weight in model.weights if "kernel" in weight.path]
        )
        assert abs(weights.mean()) < 2e-4
        assert weights.std() == pytest.approx(0.02, rel=0.01)
    leaky = [layer for layer in model.layers if isinstance(layer, keras.layers.LeakyReLU)]
    assert leaky
    assert {layer.negative_slope for layer in leaky} == {0.2}


def test_batch_normalisation_is_where_the_paper_has_it_and_spans_all_devices() -> None:
    def normalised(model: keras.Model) -> list[str]:
        layers = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
        assert all(layer.synchronized for layer in layers)
        return [layer.name for layer in layers]

    assert normalised(build_generator(config())) == ["project_norm", "up_8_norm", "up_16_norm"]
    assert normalised(build_discriminator(config())) == ["down_8_norm", "down_4_norm"]
    without = config(batch_norm=False)
    assert normalised(build_generator(without)) == normalised(build_discriminator(without)) == []


def test_last_layers_stay_float32_in_bfloat16() -> None:
    with layer_precision("bfloat16"):
        generator = build_generator(config(size=16, channels=1))
        discriminator = build_discriminator(config(size=16, channels=1))
    assert generator.get_layer("up_8").compute_dtype == "bfloat16"
    pictures = generator(tf.random.stateless_normal([2, 4], [0, 0]))
    assert (pictures.dtype, discriminator(pictures).dtype) == (tf.float32, tf.float32)


def test_a_picture_does_not_depend_on_its_neighbours_when_generating() -> None:
    generator = build_generator(config(size=16, channels=1, latent=8, width=4))
    latents = tf.random.stateless_normal([4, 8], [0, 1])
    together, alone = generator(latents, training=False), generator(latents[:1], training=False)
    assert np.allclose(together[:1], alone, atol=1e-6)


@pytest.mark.parametrize(("loss", "biased"), [("wasserstein", False), ("hinge", True)])
def test_a_critic_has_no_bias_that_its_loss_cannot_see(loss: str, biased: bool) -> None:
    settings = resolve(WGANGP, [Layer("test", {"loss": loss, "generator": {"width": 2}})])
    assert build_discriminator(settings).get_layer("logits").use_bias == biased
