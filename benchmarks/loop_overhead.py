"""What the shared loop costs over one written by hand for a single game.

    python benchmarks/loop_overhead.py [--domain dcgan|musegan] [--rounds N] [--append] [--quick]

The shared loop is the compiled call that `gansuite train` makes, at the default settings of each plugin,
with all it does: batches from an iterator, noise by rows of the global batch, strategy, rounds, weighted
terms, running averages, sums for the reports, and the check for what is not finite. The bare one
(`bare_games.py`) is a `tf.function` with a loop over `tf.range` and the game itself, nothing else.

The same in both: the networks and their first weights, the real batch (a tensor in memory: the bare loop
holds it, the shared one takes it from an iterator), the losses, every number of the noise, Keras's Adam,
the running averages, the sums of the losses. So both must have the same weights: `difference` is the
distance of the variable that differs most over its norm after the first steps; the benchmark fails where that
is more than rounding. (Single entries may differ by more: Adam takes the sign of a slope that is nothing but
rounding. Later, rounding grows: two games that differ in the last bit part within some hundred steps.)

Both run in this process in turn, in calls as long as those of a real run. The figure is the median of each
round's ratio (promised: at most 1.05); `quarters` are the lower and the upper quarter of these ratios.
`processor_ratio` compares the time on all cores, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from statistics import median, quantiles
from typing import Any

from results import Figure, options, parse, publish

# isort: split
# TensorFlow's kernels are chosen there, before it is imported.
import keras
import tensorflow as tf
from bare_games import BARE_GAMES
from loops import Loop, alternate, constant, make_domain, milliseconds, ratios, steps_per_call

from gansuite.deterministic import keep_order
from gansuite.testing.reading import distance

TINY = {
    "dcgan": ("generator.width=4", "discriminator.width=4", "training.batch_size=4"),
    "musegan": ("generator.channels=8", "critic.channels=8", "training.batch_size=4"),
}
#: Weights that differ by more than this after all steps did not come from the same arithmetic.
ROUNDING = 1e-3


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--domain", choices=tuple(BARE_GAMES), help="only this one")
    parser.add_argument("--rounds", type=int, default=41, help="how often both are measured")
    arguments = parse(parser)
    figures, details = [], {}
    for plugin in [arguments.domain] if arguments.domain else BARE_GAMES:
        details[plugin] = compare(plugin, arguments)
        name = f"shared loop over a bare one, {plugin}"
        figures.append(Figure(name=name, value=details[plugin]["ratio"], unit="x", at_most=1.05, seeds="0"))
    publish(arguments, figures, details)


def compare(plugin: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure both loops of a plugin's game."""
    loop = Loop.of(make_domain(plugin, settings=TINY[plugin] if arguments.quick else ()))
    batch = next(loop.stream())
    batches = constant(batch)
    bare = BARE_GAMES[plugin](loop.domain, batch)

    def run_shared(count: int) -> None:
        keep_order()
        loop.run(batches, count)

    def run_bare(count: int) -> None:
        # As TensorFlow comes: a loop written by hand may let it merge sums.
        tf.config.optimizer.set_experimental_options({"arithmetic_optimization": True})
        bare.run(count)

    steps = 2 if arguments.quick else steps_per_call(run_bare)
    run_shared(1)
    run_shared(max(int(bare.steps) - 1, 1))
    run_bare(int(loop.state.step) - int(bare.steps))
    compared, apart = int(bare.steps), difference(loop.state.networks, bare.networks)
    if apart > ROUNDING:
        raise ArithmeticError(f"{plugin}: the two loops did not compute the same: weights differ by {apart}")
    runs = {"shared": lambda: run_shared(steps), "bare": lambda: run_bare(steps)}
    times = alternate(runs, 3 if arguments.quick else arguments.rounds)
    lower, middle, upper = quantiles(ratios(times["shared"].wall, times["bare"].wall), n=4)
    return {
        "ratio": round(middle, 4),
        "quarters": [round(lower, 4), round(upper, 4)],
        "processor_ratio": round(median(ratios(times["shared"].processor, times["bare"].processor)), 4),
        "shared_ms_a_step": milliseconds(times["shared"].wall, steps),
        "bare_ms_a_step": milliseconds(times["bare"].wall, steps),
        "steps_a_call": steps,
        "steps": int(bare.steps),
        "steps_compared": compared,
        "difference": apart,
    }


def difference(ours: Mapping[str, keras.Model], theirs: Mapping[str, keras.Model]) -> float:
    """Return how far the variable that differs most is from its other, in parts of its norm."""
    return max(
        distance(b.numpy(), a.numpy())
        for name in ours
        for a, b in zip(ours[name].variables, theirs[name].variables, strict=True)
    )


if __name__ == "__main__":
    main()
