"""VGG19 with the weights that Keras publishes, without its top.

Source: Simonyan and Zisserman 2015, arXiv:1409.1556, table 1 (E).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import keras

from gansuite.errors import DataError
from gansuite.models.published import kept_by_keras, read_weights

FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
ADDRESS = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg19/{FILE}"
MD5 = "253f8cb515780f3b799900260a226db6"
#: Of the file with the classifier on top: a mistake that is easily made.
MD5_WITH_TOP = "cbe5617147190e668d6c5d5026f83318"


def load_vgg19(file: Path | None = None) -> keras.Model:
    """Build VGG19 with its published weights; it does not train.

    Args:
        file: of the weights; None for where Keras keeps what it fetched.

    Returns:
        Model from pictures (batch, height, width, 3) of any size, BGR in [0, 255] without ImageNet's mean, to
        the last pooling; `block5_conv4` and its like are its layers, each with its ReLU.

    Raises:
        DataError: the file is missing or another one; says what to fetch from where.
    """
    path = file if file is not None else kept_by_keras(FILE)
    _check(path)
    network = keras.applications.VGG19(include_top=False, weights=None, input_shape=(None, None, 3))
    read_weights(network, path, _hint())
    network.trainable = False
    return network


def _check(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "md5").hexdigest()
    except OSError as error:
        what = f"the weights of VGG19 cannot be opened ({error.strerror or error})"
        raise DataError(what, where=str(path), hint=_hint()) from error
    if found == MD5_WITH_TOP:
        raise DataError("holds VGG19 with its classifier: not this file", where=str(path), hint=_hint())
    if found != MD5:
        raise DataError(
            f"is not the file of VGG19's weights: its MD5 is {found}", where=str(path), hint=_hint()
        )


def _hint() -> str:
    return (
        f"Fetch {ADDRESS} (80 MB, MD5 {MD5})\n"
        f"  and put it at {kept_by_keras(FILE)}, or anywhere else and name it in the settings."
    )
