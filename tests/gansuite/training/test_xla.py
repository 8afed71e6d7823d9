"""Steps that XLA compiles: the same steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from gansuite.config import to_toml
from gansuite.errors import ConfigError
from gansuite.game import Terms, Turn
from gansuite.runs import Run
from gansuite.settings import Training
from gansuite.training.session import train
from ring import Ring, RingDomain

SHORT = {"steps": 4, "batch_size": 8, "average": 0.0, "strategy": "one", "precision": "float64"}
TWO = {"strategy": "mirrored", "devices": 2}


def learned(path: Path, domain: type[RingDomain] = RingDomain, **settings: Any) -> dict[str, np.ndarray]:
    training = Training(**{**SHORT, **settings})
    config = Ring(training=training)
    run = Run.create(path, "ring", to_toml(config, header={"plugin": "ring", "api": 1}))
    train(run, domain(config), training, [])
    reader = tf.train.load_checkpoint(str(run.checkpoints / "step-00000004" / "state"))
    names = [name for name in reader.get_variable_to_shape_map() if name.startswith("networks/")]
    return {name: reader.get_tensor(name) for name in names}


class Alone(RingDomain):
    """Has no layer that looks at what other devices hold."""

    def networks(self) -> dict[str, keras.Model]:
        networks = super().networks()
        inputs = networks["generator"].inputs
        smooth = keras.layers.Dense(16, activation="tanh")
        return {**networks, "generator": keras.Model(inputs, keras.layers.Dense(2)(smooth(inputs[0])))}


@pytest.mark.parametrize(("domain", "settings"), [(RingDomain, {}), (Alone, TWO)])
def test_what_is_compiled_learns_the_same(
    tmp_path: Path, two_devices: list[str], domain: type[RingDomain], settings: dict[str, Any]
) -> None:
    plain = learned(tmp_path / "plain", domain)
    compiled = learned(tmp_path / "compiled", domain, xla=True, **settings)
    assert compiled.keys() == plain.keys()
    for name, value in plain.items():
        np.testing.assert_allclose(compiled[name], value, rtol=1e-9, atol=1e-12, err_msg=name)


def test_devices_that_wait_for_each_other_cannot_be_compiled(tmp_path: Path, two_devices: list[str]) -> None:
    with pytest.raises(ConfigError, match="the devices wait for each other"):
        learned(tmp_path / "run", xla=True, **TWO)


class Asking(RingDomain):
    """Has a loss with an operation that only the CPU's own kernels know."""

    def critic_loss(self, turn: Turn) -> Terms:
        terms = super().critic_loss(turn)
        asked = tf.strings.to_number(tf.strings.as_string(turn.step), tf.float32)
        return {name: term + 0.0 * tf.cast(asked, term.dtype) for name, term in terms.items()}


def test_what_cannot_be_compiled_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="XLA cannot compile phase") as caught:
        learned(tmp_path / "run", Asking, xla=True)
    assert "training.xla" in str(caught.value)
