"""How much faster `anogan` scores 64 pictures at once than one after the other, and that both give the same.

The networks are those of the card of Fashion-MNIST, as they are before training: what a search takes depends
on their sizes alone. Pictures are half made by the generator, half noise. A picture is searched alone in two
ways: bare, a graph of one row, and as the endpoint does it, in a block that is filled up, so that its score
does not depend on what is asked for beside it. The promise is of the bare way, the faster of the two. Ways
are measured in turns, in one process; of those one by one, the first few pictures stand for all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from results import Figure, options, parse, publish

# isort: split
# TensorFlow's kernels are chosen there, before it is imported.
import numpy as np
import tensorflow as tf

from gansuite.config import Layer, assignments, resolve
from gansuite.data.cards import card
from gansuite.registry import load
from gansuite.training.answers import Answers
from gansuite_anomaly.searching import LatentSearch

BATCH = 64
DATA = "fashion-mnist"


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--steps", type=int, default=100, help="of a search")
    parser.add_argument("--rounds", type=int, default=5, help="how often each way is measured")
    parser.add_argument("--alone", type=int, default=4, help="how many pictures are searched one by one")
    arguments = parse(parser)
    if arguments.quick:
        arguments.steps, arguments.rounds, arguments.alone = 5, 1, 2
    publish(arguments, *measure(arguments))


def measure(arguments: Any) -> tuple[list[Figure], dict[str, Any]]:
    """Measure both ways in turns."""
    networks, answers, bare, _ = build(arguments.steps)
    images = pictures(answers)
    before = [weight.numpy() for network in networks.values() for weight in network.variables]

    def score(count: int, batch: int) -> np.ndarray:
        return answers.call("score", {"images": images[:count]}, batch=batch)["score"]

    together, alone = score(BATCH, BATCH), score(arguments.alone, 1)
    ways: dict[str, Callable[[], Any]] = {
        "together": lambda: score(BATCH, BATCH),
        "alone": lambda: score(arguments.alone, 1),
        "bare": lambda: [bare(tf.constant(images[row : row + 1])) for row in range(arguments.alone)],
    }
    ways["bare"]()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(arguments.rounds):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - begun)
    counts = {"together": BATCH, "alone": arguments.alone, "bare": arguments.alone}
    each = {name: median(seconds[name]) / count for name, count in counts.items()}
    apart = float(np.max(np.abs(together[: arguments.alone] - alone) / np.abs(alone)))
    after = [weight.numpy() for network in networks.values() for weight in network.variables]
    moved = sum(not np.array_equal(old, new) for old, new in zip(before, after, strict=True))
    faster = {name: each[name] / each["together"] for name in ("bare", "alone")}
    figures = [
        Figure(name="anogan, search of 64 pictures at once over bare ones one by one", value=faster["bare"],
               unit="x", at_least=10.0, seeds="0"),
        Figure(name="anogan, search of 64 pictures at once over calls one by one", value=faster["alone"],
               unit="x", seeds="0"),
        Figure(name="anogan, largest relative difference of a score between both", value=apart, at_most=1e-4,
               seeds="0"),
        Figure(name="anogan, variables of networks that a search moved", value=float(moved), at_most=0.0,
               seeds="0"),
    ]  # fmt: skip
    milliseconds = {name: round(1000 * one / arguments.steps, 4) for name, one in each.items()}
    return figures, {"steps": arguments.steps, "ms_per_picture_and_step": milliseconds}


def build(steps: int) -> tuple[dict[str, Any], Answers, Callable[[tf.Tensor], Any], Any]:
    """Make the networks, what answers with them, a bare search for pictures in [0, 1], and the settings."""
    announced = load("anogan")
    layers = [Layer(DATA, card(DATA).settings["anogan"]), assignments([f"search.steps={steps}"])]
    domain = announced.build_domain(resolve(announced.config_class(), layers))
    networks = domain.networks()
    search = LatentSearch(networks, domain.config.search, domain.config.latent)

    def bare(images: tf.Tensor) -> Any:
        return search.find_block(images * 2.0 - 1.0, steps)

    return networks, Answers(domain, networks), tf.function(bare, autograph=False), domain.config


def pictures(answers: Answers) -> np.ndarray:
    """Return float32 (64, size, size, 1) in [0, 1]."""
    made = answers.call("sample", {"seed": np.arange(BATCH)})["images"]
    noise = np.random.default_rng(0).uniform(size=made.shape).astype(np.float32)
    made[1::2] = noise[1::2]
    return made


if __name__ == "__main__":
    main()
