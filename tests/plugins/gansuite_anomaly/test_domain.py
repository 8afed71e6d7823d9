"""Anomaly detection as domains: how they play and what they answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from anomalies import domain
from gansuite.config import to_mapping
from gansuite.data.cache import CachedArray
from gansuite.errors import ConfigError
from gansuite.game import Turn
from gansuite.metrics.evaluation import DomainEvaluation
from gansuite.noise import Noise
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.training.answers import Answers
from gansuite.training.trained import Trained, load_trained
from gansuite_anomaly.scoring import OfNormal

PLUGINS = ("anogan", "f-anogan")


def opened(run: Run) -> Trained:
    announced = load(run.plugin)
    return load_trained(run, announced.build_domain(run.config(announced.config_class())), print)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_an_answer_says_where_a_picture_differs(plugin: str) -> None:
    found = domain(plugin)
    answers = Answers(found, found.networks())
    images = np.random.default_rng(0).uniform(size=(3, 16, 16, 1)).astype(np.float32)
    answer = answers.call("score", {"images": images})
    assert answer["score"].shape == (3,)
    assert answer["map"].shape == (3, 16, 16)
    np.testing.assert_allclose(answer["map"], np.abs(images - answer["reconstruction"])[..., 0], atol=1e-6)
    assert 0 <= answer["reconstruction"].min() <= answer["reconstruction"].max() <= 1


def test_an_encoder_s_score_is_the_published_one() -> None:
    found = domain("f-anogan", "weight=0.5")
    networks = found.networks()
    answers = Answers(found, networks)
    images = np.random.default_rng(0).uniform(size=(3, 16, 16, 1)).astype(np.float32)
    answer = answers.call("score", {"images": images})
    latents = answers.call("encode", {"images": images})["latents"]
    assert latents.shape == (3, 6)
    made = answers.call("generate", {"latents": latents})["images"]
    np.testing.assert_allclose(made, answer["reconstruction"], atol=1e-5)
    kernel = networks["discriminator"].get_layer("logits").get_weights()[0]
    pixels = np.square(2 * (images - made)).mean((1, 2, 3))
    rest = (answer["score"] - pixels) / 0.5
    assert kernel.shape[1] == 1
    assert (rest > 0).all()


def test_the_encoder_learns_with_networks_that_stay_as_they_are() -> None:
    found = domain("f-anogan", "adversarial_steps=7", "weight=0.5")
    game, encoding = found.phases()
    assert (game.name, game.steps) == ("adversarial", 7)
    assert (encoding.name, encoding.steps) == ("encoder", None)
    (player,) = encoding.players
    assert player.trains == ("encoder",)
    assert player.weights == {"features": 0.5}
    networks = found.networks()
    before = [
        weight.numpy() for name in ("generator", "discriminator") for weight in networks[name].variables
    ]
    batch = found.examples("train").load(tf.range(8, dtype=tf.int64), Noise(seed=0, rows=8))
    turn = Turn(networks=networks, batch=batch, noise=Noise(seed=0, rows=8), step=tf.constant(0, tf.int64))
    with tf.GradientTape() as tape:
        terms = player.loss(turn)
        total = tf.add_n(list(terms.values()))
    assert set(terms) == {"pixels", "features"}
    assert None not in tape.gradient(
        total, [weight.value for weight in networks["encoder"].trainable_weights]
    )
    after = [weight.numpy() for name in ("generator", "discriminator") for weight in networks[name].variables]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_training_shows_given_pictures_beside_what_is_made(
    plugin: str, trained_run: Callable[..., Run]
) -> None:
    folder = trained_run(plugin).samples / "step-00000004"
    names = {f"{kind}-{number}.png" for kind in ("normal", "anomalous") for number in range(8)}
    assert {file.name for file in folder.glob("*.png")} == {"grid.png", *names}
    with Image.open(folder / "anomalous-0.png") as row:
        assert row.size == (4 * (64 + 2) - 2, 64)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_an_evaluation_compares_with_principal_components(
    plugin: str, trained_run: Callable[..., Run]
) -> None:
    trained = opened(trained_run(plugin))
    evaluation = DomainEvaluation(domain=trained.domain, answers=trained.answers, count=60, seed=0)
    scores = {score.name: score for score in trained.domain.scores(evaluation)}
    for name in ("AUROC", "AUROC, PCA", "average precision", "average precision, PCA"):
        assert 0 <= scores[name].value <= 1
    assert scores["AUROC, PCA"].value > 0.9
    assert "other held-out pictures" in scores["AUROC"].meaning
    assert "pixel PCA Fréchet distance" in scores


@pytest.mark.parametrize("plugin", PLUGINS)
def test_normal_ones_among_others_are_as_many_as_asked_for(
    plugin: str, trained_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = opened(trained_run(plugin))
    pictures = trained.domain.pictures
    whole = DomainEvaluation(domain=trained.domain, answers=trained.answers, count=60, seed=0)
    normal = OfNormal(whole=whole, normal=pictures.normal)
    held_out = pictures.normality("valid")
    assert len(held_out.normal) > 6 < len(held_out.anomalous)
    assert normal.examples("valid").size == len(held_out.normal)
    mixed = whole.load("valid")
    expected = {one.tobytes() for one in mixed["examples"][mixed["anomalous"] == 0]}
    assert {one.tobytes() for one in normal.load("valid")["examples"]} == expected
    loaded = []

    def gather(array: CachedArray, rows: tf.Tensor) -> tf.Tensor:
        loaded.append(len(rows))
        return gathered(array, rows)

    gathered = CachedArray.gather
    monkeypatch.setattr(CachedArray, "gather", gather)
    some = normal.load("valid", 6)["examples"]
    assert len(some) == sum(loaded) == 6
    assert {one.tobytes() for one in some} <= expected


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_run_needs_no_data_to_score(plugin: str, trained_run: Callable[..., Run], data_home: Path) -> None:
    trained = opened(trained_run(plugin))
    images = np.zeros((2, 16, 16, 1), np.float32)
    assert trained.call("score", {"images": images})["score"].shape == (2,)
    assert not data_home.exists()


@pytest.mark.parametrize("plugin", PLUGINS)
@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ("data.classes=2", "data.classes"),
        ("data.kind=points", "architecture|data.kind"),
        ("discriminator.deviation=true", "deviation"),
    ],
)
def test_settings_that_cannot_work_are_refused(plugin: str, wrong: str, where: str) -> None:
    with pytest.raises(ConfigError, match=where):
        domain(plugin, wrong)


@pytest.mark.parametrize("training", ["batch_size=1", "batch_size=4,accumulate=4"])
def test_an_encoder_s_norms_need_two_pictures_at_a_time(training: str) -> None:
    sets = ("generator.batch_norm=false", f"training={{{training}}}")
    with pytest.raises(ConfigError, match="at least 2 pictures"):
        domain("f-anogan", *sets)
    domain("f-anogan", *sets, "encoder.batch_norm=false")


def test_the_papers_settings_can_be_had() -> None:
    for plugin in PLUGINS:
        announced = load(plugin)
        from gansuite.composition import Request, compose

        config = compose(announced, Request(preset="paper"))
        assert to_mapping(config)["data"]["size"] == 64
        announced.build_domain(config).networks()
