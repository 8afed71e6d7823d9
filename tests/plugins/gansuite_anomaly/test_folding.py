"""Networks whose normalisations are folded away compute the same."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from anomalies import domain
from gansuite.precision import layer_precision
from gansuite_anomaly.folding import frozen

SIZES = ("generator.width=8", "discriminator.width=8", "latent=8")
MLP = ("generator.architecture=mlp", "discriminator.architecture=mlp")
RESNET = ("generator.architecture=resnet", "discriminator.architecture=resnet")


def built(*sets: str) -> dict[str, keras.Model]:
    """Networks of which no normalisation is as it was begun."""
    networks = domain("anogan", *SIZES, *sets).networks()
    for network in networks.values():
        for number, weight in enumerate(network.weights):
            drawn = np.random.default_rng(number).uniform(0.5, 1.5, weight.shape)
            weight.assign(drawn if "norm" in weight.path else weight + 0.01 * (drawn - 1.0))
    return networks


def inputs(networks: dict[str, keras.Model], name: str) -> tf.Tensor:
    shape = networks[name].input_shape[1:]
    return tf.constant(np.random.default_rng(0).normal(size=(3, *shape)), tf.float32)


def multiplications(function: Any, given: tf.Tensor) -> int:
    """How many products of features, element by element, a call takes: batch normalisation takes one each."""
    graph = tf.function(function, autograph=False).get_concrete_function(given).graph
    products = [
        one
        for one in graph.get_operations()
        if one.type == "Mul" and one.outputs[0].shape[:1].as_list() == [3]
    ]
    return len(products)


@pytest.mark.parametrize("sets", [(), ("generator.batch_norm=false",), MLP, RESNET])
@pytest.mark.parametrize("name", ["generator", "discriminator"])
def test_it_computes_what_the_network_does(name: str, sets: tuple[str, ...]) -> None:
    networks = built(*sets)
    given = inputs(networks, name)
    expected = networks[name](given, training=False)
    np.testing.assert_allclose(frozen(networks[name])(given), expected, rtol=1e-4, atol=1e-5)


def test_normalisation_after_a_convolution_is_gone() -> None:
    networks = built()
    for name, last in (("generator", "tanh"), ("discriminator", "features")):
        network, given = networks[name], inputs(networks, name)
        cut = keras.Model(network.input, network.get_layer(last).output)
        plain = multiplications(lambda features, cut=cut: cut(features, training=False), given)
        assert multiplications(frozen(network, last), given) < plain


def test_it_stops_after_a_layer() -> None:
    networks = built()
    network, given = networks["discriminator"], inputs(networks, "discriminator")
    cut = keras.Model(network.input, network.get_layer("features").output)
    expected = cut(given, training=False)
    np.testing.assert_allclose(frozen(network, "features")(given), expected, rtol=1e-4, atol=1e-5)


def test_weights_are_those_of_the_moment() -> None:
    networks = built()
    network, given = networks["generator"], inputs(networks, "generator")
    made = frozen(network)
    for weight in network.weights:
        weight.assign(1.1 * weight)
    np.testing.assert_allclose(made(given), network(given, training=False), rtol=1e-4, atol=1e-5)


def test_what_computes_in_bfloat16_is_left_alone() -> None:
    with layer_precision("bfloat16"):
        networks = built()
        network, given = networks["discriminator"], inputs(networks, "discriminator")
        np.testing.assert_array_equal(frozen(network)(given), network(given, training=False))
