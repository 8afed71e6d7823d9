"""Any network in a file that Keras saved."""

from __future__ import annotations

from pathlib import Path

import keras

from gansuite.errors import DataError

#: What Keras raises for a file that is none of its own, or holds what it does not know or trust.
BROKEN = (OSError, ValueError, TypeError, KeyError, AttributeError, ImportError, RuntimeError)
HINT = "It should be a .keras file of a functional model from pictures (batch, height, width, 3)."


def load_network(file: Path) -> keras.Model:
    """Open a network of pictures; it does not train, and no code from the file is run.

    Raises:
        DataError: there is no such file, it holds Python code (lambdas), or no network of RGB pictures.
    """
    if not file.is_file():
        raise DataError("there is no such file", where=str(file), hint=HINT)
    try:
        network = keras.saving.load_model(file, compile=False, safe_mode=True)
    except BROKEN as error:
        reason = str(error).strip().splitlines()[0]
        raise DataError(f"cannot be used ({reason})", where=str(file), hint=HINT) from error
    inputs = getattr(network, "inputs", None) or []
    shapes = [tuple(one.shape) for one in inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][3] != 3:
        raise DataError(f"takes {shapes}, not RGB pictures", where=str(file), hint=HINT)
    network.trainable = False
    return network
