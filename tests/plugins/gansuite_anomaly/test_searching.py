"""The search for latents: each picture on its own, with networks that stay as they are."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from anomalies import domain
from gansuite.training.answers import Answers
from gansuite_anomaly.config import Search
from gansuite_anomaly.searching import LatentSearch

WIDER = ("generator.width=8", "discriminator.width=8", "latent=8")
STEPS = 60


@cache
def playing() -> tuple[Any, dict[str, Any]]:
    """A domain, and networks whose normalisation has seen something."""
    found = domain("anogan", *WIDER, f"search={{steps={STEPS},starts=16}}")
    networks = found.networks()
    for seed in range(20):
        latents = tf.random.stateless_normal([64, 8], [seed, 0])
        networks["discriminator"](networks["generator"](latents, training=True), training=True)
    return found, networks


def made(count: int) -> np.ndarray:
    """Pictures that the generator makes of latents of its own kind: a search can find them."""
    _, networks = playing()
    latents = tf.random.stateless_normal([count, 8], [99, 0])
    return np.asarray(networks["generator"](latents, training=False))


def found_by(search: LatentSearch, pictures: tf.Tensor, steps: int) -> tuple[tf.Tensor, tf.Tensor]:
    """What a search finds, in a graph as in an endpoint."""
    find = tf.function(lambda: search.find(pictures, steps), autograph=False)
    latents, losses = find()
    return latents, losses


def test_it_finds_what_the_generator_made() -> None:
    _, networks = playing()
    pictures = made(8)
    search = LatentSearch(networks, Search(steps=200, starts=16), 8)
    begun = search.loss(search.start(tf.constant(pictures)), tf.constant(pictures), search._look(pictures))
    latents, losses = found_by(search, tf.constant(pictures), 200)
    assert float(tf.reduce_mean(losses)) < 0.35 * float(tf.reduce_mean(begun))
    again = search.loss(latents, tf.constant(pictures), search._look(pictures))
    np.testing.assert_allclose(again, losses, rtol=1e-4)


def test_the_loss_is_the_published_one() -> None:
    _, networks = playing()
    pictures = made(3) * 0.5
    search = LatentSearch(networks, Search(weight=0.25), 8)
    latents = tf.random.stateless_normal([3, 8], [1, 2])
    similar = np.asarray(networks["generator"](latents, training=False))
    discriminator = networks["discriminator"]
    features = [np.asarray(search._look(tf.constant(one, tf.float32))) for one in (pictures, similar)]
    # The layer whose output the logit is a linear function of.
    kernel, bias = discriminator.get_layer("logits").get_weights()
    np.testing.assert_allclose(
        features[1] @ kernel[:, 0] + bias, discriminator(similar, training=False), rtol=1e-4, atol=1e-5
    )
    expected = 0.75 * np.abs(pictures - similar).sum((1, 2, 3)) + 0.25 * np.abs(
        features[0] - features[1]
    ).sum(1)
    np.testing.assert_allclose(
        search.loss(latents, tf.constant(pictures), tf.constant(features[0])), expected, rtol=1e-4
    )


def test_more_steps_are_never_worse() -> None:
    _, networks = playing()
    search = LatentSearch(networks, Search(starts=1), 8)
    pictures = tf.constant(made(6))
    losses = [found_by(search, pictures, steps)[1].numpy() for steps in (1, 10, 40)]
    assert (losses[1] <= losses[0] * 1.0001).all()
    assert (losses[2] <= losses[1] * 1.0001).all()
    assert (losses[2] < losses[0]).all()


def test_a_search_begins_at_the_nearest_of_its_starts() -> None:
    _, networks = playing()
    search = LatentSearch(networks, Search(starts=32), 8)
    single = LatentSearch(networks, Search(starts=1), 8)
    pictures = tf.constant(made(4))
    starts = search.start(pictures)
    distances = np.square(np.asarray(search.make(starts)) - pictures.numpy()).sum((1, 2, 3))
    alone = np.square(np.asarray(single.make(single.start(pictures))) - pictures.numpy()).sum((1, 2, 3))
    assert (distances <= alone + 1e-4).all()
    np.testing.assert_array_equal(single.start(pictures)[0], single.start(pictures)[3])


@pytest.mark.parametrize("plugin", ["anogan", "f-anogan"])
def test_scores_do_not_depend_on_the_pictures_beside_them(plugin: str) -> None:
    found, networks = playing() if plugin == "anogan" else (domain("f-anogan", *WIDER), {})
    networks = networks or found.networks()
    answers = Answers(found, networks)
    images = (made(9) + 1) / 2
    images[4:] = np.random.default_rng(0).uniform(size=images[4:].shape)
    together = answers.call("score", {"images": images}, batch=64)
    for batch in (1, 4):
        apart = answers.call("score", {"images": images}, batch=batch)
        np.testing.assert_allclose(apart["score"], together["score"], rtol=1e-4)
        np.testing.assert_allclose(apart["map"], together["map"], atol=1e-4)
    reverse = answers.call("score", {"images": images[::-1]}, batch=64)
    np.testing.assert_allclose(reverse["score"][::-1], together["score"], rtol=1e-4)


def test_networks_stay_as_they_are() -> None:
    found, networks = playing()
    before = {name: [weight.numpy() for weight in network.variables] for name, network in networks.items()}
    answers = Answers(found, networks)
    answers.call("score", {"images": (made(3) + 1) / 2})
    answers.call("compare", {"images": (made(3) + 1) / 2, "seed": np.arange(3)})
    for name, network in networks.items():
        for old, weight in zip(before[name], network.variables, strict=True):
            np.testing.assert_array_equal(old, weight.numpy())
