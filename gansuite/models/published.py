"""Files of weights that Keras publishes for its networks."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import keras

from gansuite.errors import DataError


def kept_by_keras(name: str) -> Path:
    """Return where Keras puts a file when it fetches it."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models" / name


def read_weights(network: keras.Model, path: Path, hint: str) -> None:
    """Fill a network from a file, whatever the file is called.

    Args:
        network: of the architecture whose weights they are.
        path: the file, in the form of Keras 2; its content has been checked.
        hint: what to do where it cannot be read.

    Raises:
        DataError: it cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        # Keras tells the form by the name, and takes what ends in .weights.h5 for its own newer one.
        named = Path(folder) / "published.h5"
        try:
            named.symlink_to(path.absolute())
            network.load_weights(named)
        except (OSError, ValueError) as error:
            raise DataError(f"cannot be read ({error})", where=str(path), hint=hint) from error
