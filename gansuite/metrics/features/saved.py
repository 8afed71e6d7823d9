"""Any Keras model saved to a file, and one of its layers."""

from __future__ import annotations

import hashlib
from pathlib import Path

import keras
import tensorflow as tf

from gansuite.errors import ConfigError, DataError
from gansuite.losses.perceptual import PREPROCESSING
from gansuite.metrics.features.inception import as_photographs
from gansuite.metrics.features.model import FeatureModel
from gansuite.models.saved import BROKEN

HINT = (
    "It should be a .keras file of a functional model from pictures (batch, size, size, 3), of a fixed size."
)
#: Those with numbers of their own for red, green and blue.
OF_COLOURS = ("caffe", "imagenet")


def saved_model(file: Path, layer: str, preprocessing: str = "unit") -> FeatureModel:
    """Open a model as a feature network.

    Args:
        file: what Keras saved of a model from square pictures, (size, size, 3) or (size, size, 1).
        layer: the name of the layer whose output is taken, averaged over places; the last where empty.
        preprocessing: a key of `gansuite.losses.perceptual.PREPROCESSING`: what the model was trained with.

    Raises:
        DataError: there is no such file or layer, or the model does not take such pictures. Models that hold
            Python code (lambdas) are refused.
        ConfigError: the preprocessing is of colours, and the model takes grey pictures.
    """
    if not file.is_file():
        raise DataError("there is no such file", where=str(file), hint=HINT)
    try:
        network = keras.saving.load_model(file, compile=False, safe_mode=True)
        inputs = network.inputs
        output = network.get_layer(layer).output if layer else network.outputs[0]
    except BROKEN as error:
        reason = str(error).strip().partition("\n")[0]
        raise DataError(
            f"cannot be used as a feature network ({reason})", where=str(file), hint=HINT
        ) from error
    shape = tuple(inputs[0].shape[1:])
    if len(inputs) != 1 or len(shape) != 3 or None in shape or shape[0] != shape[1] or shape[2] not in (1, 3):
        what = f"takes {shape}, not square pictures of 1 or 3 channels and a fixed size"
        raise DataError(what, where=str(file), hint=HINT)
    if len(output.shape) not in (2, 4):
        what = f"gives {tuple(output.shape[1:])}, neither features nor a picture of them"
        raise DataError(what, where=str(file), hint="Name another layer with evaluation.layer.")
    if shape[2] == 1 and preprocessing in OF_COLOURS:
        what = f"{preprocessing} is for pictures in colour, and {file} takes grey ones"
        raise ConfigError(what, where="evaluation.preprocessing")
    cut = keras.Model(network.inputs, output)

    def look(pictures: tf.Tensor) -> tuple[tf.Tensor, None]:
        seen = as_photographs(pictures, shape[0])
        shown = seen if shape[2] == 3 else tf.image.rgb_to_grayscale(seen)
        features = cut(PREPROCESSING[preprocessing](shown * 2.0 - 1.0), training=False)
        return (tf.reduce_mean(features, axis=[1, 2]) if features.shape.rank == 4 else features), None

    said = "" if preprocessing == "unit" else f", preprocessing {preprocessing}"
    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return FeatureModel(
        name=f"{file.name}, layer {layer or network.layers[-1].name}{said}",
        sha256=sha256,
        resizer=f"pictures resized to {shape[0]} by antialiased bicubic interpolation",
        look=look,
    )
