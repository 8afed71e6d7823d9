"""Losses that compare pictures by what a network sees in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from gansuite.deterministic import total
from gansuite.errors import ConfigError
from gansuite.nearest import suggestion
from gansuite.precision import in_full

#: Returns the features of pictures, float32 (batch, height, width, channels) in [-1, 1].
Look = Callable[[tf.Tensor], Sequence[tf.Tensor]]

#: Means of ImageNet's blue, green and red in [0, 255], as VGG was trained with.
CAFFE_MEANS = (103.939, 116.779, 123.68)
#: Mean and deviation of ImageNet's red, green and blue in [0, 1].
IMAGENET_MEANS = (0.485, 0.456, 0.406)
IMAGENET_DEVIATIONS = (0.229, 0.224, 0.225)


def _unit(pictures: tf.Tensor) -> tf.Tensor:
    return (pictures + 1.0) / 2.0


def _pixels(pictures: tf.Tensor) -> tf.Tensor:
    return (pictures + 1.0) * 127.5


def _caffe(pictures: tf.Tensor) -> tf.Tensor:
    return _pixels(pictures)[..., ::-1] - tf.constant(CAFFE_MEANS, pictures.dtype)


def _imagenet(pictures: tf.Tensor) -> tf.Tensor:
    means, deviations = (tf.constant(one, pictures.dtype) for one in (IMAGENET_MEANS, IMAGENET_DEVIATIONS))
    return (_unit(pictures) - means) / deviations


#: From RGB in [-1, 1] to what networks were trained with, by name.
PREPROCESSING: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "caffe": _caffe,  # BGR in [0, 255] without ImageNet's mean: VGG, ResNet of 2015
    "imagenet": _imagenet,  # RGB without ImageNet's mean, over its deviation: what torchvision trains
    "symmetric": tf.identity,  # RGB in [-1, 1]: Inception, MobileNet
    "unit": _unit,  # RGB in [0, 1]
    "pixels": _pixels,  # RGB in [0, 255]: EfficientNet, and networks that begin with a rescaling of their own
}


def looking(network: keras.Model, layers: Sequence[str], preprocessing: str, scale: float = 1.0) -> Look:
    """Return what a network sees in pictures.

    Args:
        network: from pictures (batch, height, width, 3) of any size; it is not trained.
        layers: names of the layers whose outputs are the features.
        preprocessing: a key of `PREPROCESSING`: what the network was trained with.
        scale: the features are multiplied by it.

    Returns:
        A function from pictures, float32 RGB in [-1, 1], to a float32 tensor for each layer.

    Raises:
        ConfigError: there is no such layer; names the nearest.
    """
    known = {layer.name: layer for layer in network.layers}
    for name in layers:
        if name not in known:
            raise ConfigError(f"{network.name} has no layer {name!r}", hint=suggestion(name, known))
    network.trainable = False
    # Cut behind the last of them: what comes later is never computed.
    cut = keras.Model(network.inputs, [known[name].output for name in layers])

    def look(pictures: tf.Tensor) -> list[tf.Tensor]:
        features = cut(PREPROCESSING[preprocessing](pictures), training=False)
        return [scale * in_full(one) for one in tf.nest.flatten(features)]

    return look


def feature_distance(real: Sequence[tf.Tensor], fake: Sequence[tf.Tensor]) -> tf.Tensor:
    """Compare each picture with the one it should be: Σ over layers of the mean squared difference.

    Args:
        real, fake: a layer's features each, float (batch, ...); no gradient goes through those of `real`.

    Returns:
        Scalar float32, at least 0.

    Source: Johnson et al. 2016, arXiv:1603.08155, eq. 2; Ledig et al. 2017, arXiv:1609.04802, eq. 5. With the
    features of a discriminator: Wang et al. 2018, arXiv:1711.11585, eq. 4, squared.
    """
    distances = [
        tf.reduce_mean(tf.square(in_full(tf.stop_gradient(a)) - in_full(b)))
        for a, b in zip(real, fake, strict=True)
    ]
    return total(distances)
