"""SqueezeNet 1.1 as a backbone for distances between pictures, with weights from a file.

Source: Iandola et al. 2016, arXiv:1602.07360; version 1.1 as in torchvision, whose names the weights have.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import keras
import numpy as np
from keras import layers

from gansuite.errors import DataError
from gansuite.precision import full

#: Mean and standard deviation of ImageNet's RGB values in [0, 1], which the network expects taken out.
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
#: By number in torchvision's `features`: channels after the squeeze, and after each of the two expansions.
FIRES = {
    3: (16, 64), 4: (16, 64), 6: (32, 128), 7: (32, 128), 9: (48, 192), 10: (48, 192), 11: (64, 256),
    12: (64, 256),
}  # fmt: skip
POOLED_BEFORE = (3, 6, 9)
#: After which of `features` LPIPS looks: seven stages.
STAGES = (0, 4, 7, 9, 10, 11, 12)
#: The smallest height and width that survive the three poolings.
SMALLEST = 17
HINT = (
    "It should be an .npz file of SqueezeNet 1.1's weights with torchvision's names "
    "(features.0.weight and so on), kernels as (out, in, height, width)."
)


def load_squeezenet(path: Path) -> keras.Model:
    """Build the network with weights from a file; it does not train.

    Args:
        path: `.npz` with torchvision's names, kernels (out, in, height, width), of any float type. A
            classifier in it is left out.

    Returns:
        Model from pictures, float32 RGB (batch, height, width, 3) in [0, 1], at least 17 × 17, to the
        features of seven stages, float32 (batch, h, w, c), c = 64, 128, 256, 384, 384, 512, 512. Layers are
        called `stage_1` to `stage_7`.

    Raises:
        DataError: there is no such file, or it is not these weights.
    """
    weights = read_arrays(path, HINT)
    model = _build()
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(list(_of_layer(layer, weights, path)))
    model.trainable = False
    return model


def read_arrays(path: Path, hint: str) -> dict[str, np.ndarray]:
    """Read every array of a `.npz` file as float32.

    Raises:
        DataError: it cannot be read or holds Python objects.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: np.asarray(archive[name], np.float32) for name in archive.files}
    except FileNotFoundError as error:
        raise DataError("there is no such file", where=str(path), hint=hint) from error
    except (
        OSError,
        EOFError,
        ValueError,
        TypeError,
        AttributeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise DataError(f"cannot be read ({error})", where=str(path), hint=hint) from error


def digest(path: Path) -> str:
    """Return the first 12 hexadecimal digits of a file's SHA-256, to name it beside a figure."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _of_layer(layer: layers.Layer, weights: Mapping[str, np.ndarray], path: Path) -> Iterator[np.ndarray]:
    for kind, wanted in zip(("weight", "bias"), layer.weights, strict=True):
        name = f"{layer.name.replace('-', '.')}.{kind}"
        if name not in weights:
            raise DataError(f"has no {name}", where=str(path), hint=HINT)
        value = weights[name].transpose(2, 3, 1, 0) if weights[name].ndim == 4 else weights[name]
        if value.shape != tuple(wanted.shape):
            raise DataError(f"{name} has the wrong shape {weights[name].shape}", where=str(path), hint=HINT)
        yield value


def _build() -> keras.Model:
    # As exact as the run's weights, whatever the precision of the layers that are judged.
    pictures = keras.Input([None, None, 3], dtype=full(), name="pictures")
    features = layers.Rescaling(
        [1 / one for one in DEVIATION],
        [-mean / one for mean, one in zip(MEAN, DEVIATION, strict=True)],
        dtype=full(),
    )(pictures)
    features = _convolution(features, 64, 3, "features-0", strides=2, padding="valid")
    stages = [layers.Identity(dtype=full(), name="stage_1")(features)]
    for number, (squeezed, expanded) in FIRES.items():
        if number in POOLED_BEFORE:
            features = _pooled(features)
        features = _fire(features, squeezed, expanded, f"features-{number}")
        if number in STAGES:
            stages.append(layers.Identity(dtype=full(), name=f"stage_{len(stages) + 1}")(features))
    return keras.Model(pictures, stages, name="squeezenet")


def _fire(features: keras.KerasTensor, squeezed: int, expanded: int, name: str) -> keras.KerasTensor:
    features = _convolution(features, squeezed, 1, f"{name}-squeeze")
    sides = [_convolution(features, expanded, size, f"{name}-expand{size}x{size}") for size in (1, 3)]
    return layers.Concatenate(dtype=full())(sides)


def _convolution(
    features: keras.KerasTensor, channels: int, size: int, name: str, strides: int = 1, padding: str = "same"
) -> keras.KerasTensor:
    return layers.Conv2D(
        channels, size, strides=strides, padding=padding, activation="relu", dtype=full(), name=name
    )(features)


def _pooled(features: keras.KerasTensor) -> keras.KerasTensor:
    """Pool 3 × 3 by 2 with a last window that may reach over the edge, as torchvision's `ceil_mode` does.

    Features are at least 0, and no window reaches a border of zeros that it should not see: where there is an
    odd number of rows, the one added is left over.
    """
    bordered = layers.ZeroPadding2D(((0, 1), (0, 1)), dtype=full())(features)
    return layers.MaxPooling2D(3, 2, padding="valid", dtype=full())(bordered)
