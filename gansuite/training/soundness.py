"""What is not finite stops a run, and says where it was."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import keras
import tensorflow as tf

from gansuite.errors import DivergenceError


def diverged(run: Path, terms: Mapping[str, float], step: int, hint: str) -> DivergenceError:
    """What to raise where a step had a term, named "player/term", that is not finite."""
    name, value = next((name, value) for name, value in terms.items() if not math.isfinite(value))
    player, _, term = name.partition("/")
    what = f"The term {term} of player {player} became {value} at step {step}."
    return DivergenceError(what, where=str(run), hint=hint)


def unsound_weight(networks: Mapping[str, keras.Model]) -> str | None:
    """Return the first weight or state of some networks that is not finite, in words; None where all are."""
    for name, network in networks.items():
        for variable in network.variables:
            value = tf.convert_to_tensor(variable.value)
            if value.dtype.is_floating and not bool(tf.reduce_all(tf.math.is_finite(value))):
                return f"{variable.path} of network {name}"
    return None
