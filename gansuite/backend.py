"""What TensorFlow and Keras read once, when they are imported."""

from __future__ import annotations

import os


def choose_backend() -> None:
    """Set the environment for TensorFlow and Keras; to be called before either is imported.

    Keras takes its backend from here before ~/.keras/keras.json; gansuite is written for TensorFlow. The
    kernels of oneDNN, which TensorFlow turns on by itself for some CPUs only, make training up to twice as
    fast on others as well; TF_ENABLE_ONEDNN_OPTS=0 leaves them off.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
