"""InceptionV3 from a file of Keras's ImageNet weights.

Not the network of the published FIDs, whose weights are others: figures are comparable with each other only.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import keras
import tensorflow as tf

from gansuite.errors import DataError
from gansuite.metrics.features.model import FeatureModel
from gansuite.models.published import kept_by_keras, read_weights

FILE = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
ADDRESS = f"https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/{FILE}"
MD5 = "bcbd6486424b2319ff4ef7d526e38f63"
SIZE = 299


def inception(file: Path | None) -> FeatureModel:
    """Open InceptionV3, without its top: 2,048 features, the means over all places.

    Args:
        file: of the weights; None for where Keras keeps them, `models` in KERAS_HOME or `~/.keras`.

    Raises:
        DataError: the file is missing or another one; says where to get it.
    """
    path = file if file is not None else kept_by_keras(FILE)
    hint = f"Fetch {ADDRESS} (MD5 {MD5}) and name it with --set evaluation.file=PATH, or put it at {path}."
    if not path.is_file():
        raise DataError("the weights of InceptionV3 are not there", where=str(path), hint=hint)
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "md5").hexdigest()
    if found != MD5:
        raise DataError(f"is not the file of InceptionV3's weights (MD5 {found})", where=str(path), hint=hint)
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    network = keras.applications.InceptionV3(
        include_top=False, weights=None, pooling="avg", input_shape=(SIZE, SIZE, 3)
    )
    read_weights(network, path, hint)

    def look(pictures: tf.Tensor) -> tuple[tf.Tensor, None]:
        return network(as_photographs(pictures, SIZE) * 2.0 - 1.0, training=False), None

    return FeatureModel(name="InceptionV3 (Keras, ImageNet)", sha256=sha256, resizer=RESIZER, look=look)


RESIZER = f"pictures resized to {SIZE} by antialiased bicubic interpolation"


def as_photographs(pictures: tf.Tensor, size: int) -> tf.Tensor:
    """Bring pictures (n, h, w, 1 or 3) in [0, 1] to float32 (n, size, size, 3)."""
    coloured = tf.image.grayscale_to_rgb(pictures) if pictures.shape[-1] == 1 else pictures
    resized = tf.image.resize(coloured, [size, size], method="bicubic", antialias=True)
    return tf.clip_by_value(resized, 0.0, 1.0)
