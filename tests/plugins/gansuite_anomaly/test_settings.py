"""Every setting that anomaly detection has beside those of an image GAN does what it says.

Those of an image GAN are tried with `dcgan`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import keras
import numpy as np
import pytest

from anomalies import domain, small
from entries import Effect, Entries, can_fail
from gansuite.config import settings_of
from gansuite.game import unreached
from gansuite.registry import load
from gansuite.training.answers import Answers

EFFECTS = Entries()


def shows(plugin: str, *paths: str) -> Callable[[Effect], Effect]:
    """Enter a function as what shows the effect of some settings; it is run once for all of them."""
    return lambda effect: EFFECTS.shows(*paths, plugins=(plugin,))(cache(effect))


def own_paths(plugin: str) -> set[str]:
    """The settings of a plugin that `dcgan` has not."""
    mine, others = (
        {one.path for one in settings_of(load(name).config_class()) if not one.kind.is_table}
        for name in (plugin, "dcgan")
    )
    assert others <= mine
    return mine - others


CASES = [(plugin, path) for plugin in ("anogan", "f-anogan") for path in sorted(own_paths(plugin))]


def test_every_setting_has_an_entry_and_every_entry_a_setting() -> None:
    assert set(EFFECTS) == set(CASES)


@pytest.mark.parametrize(("plugin", "path"), CASES)
def test_a_setting_does_what_it_says(plugin: str, path: str) -> None:
    effect = EFFECTS[plugin, path]
    assert can_fail(effect)
    effect()


def pictures() -> np.ndarray:
    return np.random.default_rng(0).uniform(size=(4, 16, 16, 1)).astype(np.float32)


def answer(endpoint: str, *sets: str, networks: Any = None) -> dict[str, np.ndarray]:
    """Answer with the networks of a domain without these settings."""
    inputs: dict[str, np.ndarray] = {"images": pictures()}
    if endpoint == "compare":
        inputs["seed"] = np.arange(4)
    networks = domain("anogan").networks() if networks is None else networks
    return Answers(domain("anogan", *sets), networks).call(endpoint, inputs)


@shows("anogan", "data.normal")
@shows("f-anogan", "data.normal")
def _() -> None:
    for plugin in ("anogan", "f-anogan"):
        sizes = [domain(plugin, f"data.normal={one}").examples("train").size for one in (0, 1, 2)]
        labels = domain(plugin).pictures._pictures.cache.arrays["train_labels"]
        known = labels.read(np.arange(len(labels)))
        assert sizes == [int((known == one).sum()) for one in (0, 1, 2)]


@shows("anogan", "search.steps", "search.preview_steps")
def _() -> None:
    networks = domain("anogan").networks()
    few, many = (answer("score", f"search.steps={n}", networks=networks)["score"] for n in (1, 40))
    assert (many < few).all()
    shown = [
        answer("compare", "search.steps=1", f"search.preview_steps={n}", networks=networks)["score"]
        for n in (1, 40)
    ]
    np.testing.assert_allclose(shown, [few, many], rtol=1e-4)


@shows("anogan", "search.learning_rate")
def _() -> None:
    networks = domain("anogan").networks()
    still, moved = (
        answer("score", "search.steps=1", f"search.learning_rate={rate}", networks=networks)
        for rate in (1e-9, 1.0)
    )
    assert np.abs(still["reconstruction"] - moved["reconstruction"]).max() > 1e-4
    assert (moved["score"] <= still["score"]).all()


@shows("anogan", "search.weight")
def _() -> None:
    networks = domain("anogan").networks()
    both = answer("score", "search.weight=0", "search.steps=5", networks=networks)
    residual = 2 * np.abs(pictures() - both["reconstruction"]).sum((1, 2, 3))
    np.testing.assert_allclose(both["score"], residual, rtol=1e-4)
    features = answer("score", "search.weight=1", "search.steps=5", networks=networks)
    assert (features["score"] < 0.5 * residual).all()


@shows("anogan", "search.starts", "search.seed")
def _() -> None:
    networks = domain("anogan").networks()

    def begun(*sets: str) -> np.ndarray:
        still = ("search.steps=1", "search.learning_rate=1e-9")
        return answer("score", *still, *sets, networks=networks)["reconstruction"]

    alone = begun("search.starts=1")
    np.testing.assert_allclose(alone[0], alone[1], atol=1e-6)
    assert np.abs(alone - begun("search.starts=1", "search.seed=1")).max() > 1e-4
    nearest = begun("search.starts=500")
    errors = [np.square(made - pictures()).sum((1, 2, 3)) for made in (nearest, alone)]
    assert (errors[0] < errors[1]).all()


@shows("f-anogan", "adversarial_steps")
def _() -> None:
    for steps in (0, 9):
        found = domain("f-anogan", f"adversarial_steps={steps}")
        assert [phase.steps for phase in found.phases()] == [steps, None]
        assert unreached(found.phases(), steps + 1) is None
    assert "is not trained" in str(unreached(found.phases(), 9))


@shows("f-anogan", "weight")
def _() -> None:
    networks = domain("f-anogan").networks()
    inputs = {"images": pictures()}
    scores = [
        Answers(domain("f-anogan", f"weight={one}"), networks).call("score", inputs)["score"]
        for one in (0, 1, 3)
    ]
    assert (scores[1] > scores[0]).all()
    np.testing.assert_allclose(scores[2] - scores[0], 3 * (scores[1] - scores[0]), rtol=1e-3, atol=1e-6)
    _, encoding = domain("f-anogan", "weight=3").phases()
    assert encoding.players[0].weights == {"features": 3.0}


def encoder(*sets: str) -> keras.Model:
    return domain("f-anogan", *sets).networks()["encoder"]


def kernels(network: keras.Model) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in network.trainable_weights if len(weight.shape) == 4]


@shows("f-anogan", "encoder.architecture")
def _() -> None:
    assert any(isinstance(layer, keras.layers.LeakyReLU) for layer in encoder().layers)
    residual = encoder("encoder.architecture=resnet")
    assert any(isinstance(layer, keras.layers.AveragePooling2D) for layer in residual.layers)
    assert residual.output_shape == encoder().output_shape == (None, 6)


@shows("f-anogan", "encoder.width", "encoder.widest", "encoder.kernel")
def _() -> None:
    assert kernels(encoder("encoder.width=3")) == [(4, 4, 1, 3), (4, 4, 3, 6)]
    assert kernels(encoder("encoder.width=3", "encoder.widest=4")) == [(4, 4, 1, 3), (4, 4, 3, 4)]
    assert kernels(encoder("encoder.width=3", "encoder.kernel=5")) == [(5, 5, 1, 3), (5, 5, 3, 6)]


@shows("f-anogan", "encoder.batch_norm")
def _() -> None:
    for given in (True, False):
        network = encoder(f"encoder.batch_norm={str(given).lower()}")
        found = any(isinstance(layer, keras.layers.BatchNormalization) for layer in network.layers)
        assert found is given


@shows("f-anogan", *(f"encoder_optimizer.{one}" for one in
       ("kind", "learning_rate", "beta_1", "beta_2", "epsilon", "momentum", "clip_norm", "schedule.warm_up",
        "schedule.decay", "schedule.begin", "schedule.hold", "schedule.end", "schedule.final")))  # fmt: skip
def _() -> None:
    values = {
        "kind": "rmsprop",
        "learning_rate": 0.5,
        "beta_1": 0.1,
        "beta_2": 0.2,
        "epsilon": 0.3,
        "momentum": 0.4,
        "clip_norm": 0.5,
        "schedule": "{warm_up=1,decay='cosine',begin=2,end=3,final=0.6}",
    }
    sets = [f"encoder_optimizer.{name}={value}" for name, value in values.items()]
    # What an optimizer does with its settings is tried with dcgan: here, that the encoder's player has it.
    config = small("f-anogan", *sets)
    _, encoding = domain("f-anogan", *sets).phases()
    assert encoding.players[0].optimizer == config.encoder_optimizer
    assert config.encoder_optimizer != small("f-anogan").encoder_optimizer
