"""What the shared loop costs over one written by hand for a single game.

    python benchmarks/loop_overhead.py [--domain dcgan|musegan] [--rounds N] [--append] [--quick]

The shared loop is the compiled call that `gansuite train` makes, at the default settings of each plugin,
with all it does: batches from an iterator, noise by rows of the global batch, strategy, rounds, weighted
terms, running averages, sums for the reports, and the check for what is not finite. The bare one
(`bare_games.py`) is a `tf.function` with a loop over `tf.range` and the game itself, nothing else.

The same in both: the networks and their first weights, the real batch (a tensor in memory: the bare loop
holds it, the shared one takes it from an iterator), the losses, every number of the noise, Keras's Adam,
the running averages, the sums of the losses. So both must learn the same: `difference` is the distance of the
variable that differs most over its norm after some steps in float64, which nothing else is done in; the
benchmark fails where that is more than rounding. (In float32 it would say little: Adam takes the sign of a
slope that is nothing but rounding. Keras's Adam rounds its decays to float32 in any arithmetic, which is some
1e-5 of what a bias has moved.)

Both run in this process in turn, in calls as long as those of a real run. The figures are the medians of each
round's ratio, by the clock and in time on all cores together, which other work on the machine disturbs less
(promised: at most 1.03 each); `quarters` are the lower and the upper quarter of the first.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
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
#: Weights that differ by more than this after so many steps in float64 did not come from the same arithmetic.
#: Keras's Adam rounds its figures to float32, which kinks make more of with each step.
ROUNDING = 1e-4
COMPARED = 2


def main() -> None:
    """Compare the loops of one plugin after the other."""
    parser = options(__doc__)
    parser.add_argument("--domain", choices=tuple(BARE_GAMES), help="only this one")
    parser.add_argument("--rounds", type=int, default=41, help="how often both are measured")
    arguments = parse(parser)
    figures, details = [], {}
    for plugin in [arguments.domain] if arguments.domain else BARE_GAMES:
        details[plugin] = compare(plugin, arguments)
        for name, ratio in (("by the clock", "ratio"), ("in processor time", "processor_ratio")):
            figures.append(
                Figure(
                    name=f"shared loop over a bare one, {plugin}, {name}",
                    value=details[plugin][ratio],
                    unit="x",
                    at_most=1.03,
                    seeds="0",
                )
            )
    publish(arguments, figures, details)


def compare(plugin: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure both loops of a plugin's game."""
    settings = TINY[plugin] if arguments.quick else ()
    exact = Both(plugin, (*settings, "training.precision=float64"))
    exact.run_shared(COMPARED)
    exact.run_bare(COMPARED)
    apart = difference(exact.loop.state.networks, exact.bare.networks)
    if apart > ROUNDING:
        raise ArithmeticError(f"{plugin}: the two loops did not compute the same: weights differ by {apart}")
    both = Both(plugin, settings)
    steps = 2 if arguments.quick else steps_per_call(both.run_bare)
    both.run_shared(1)
    runs = {"shared": lambda: both.run_shared(steps), "bare": lambda: both.run_bare(steps)}
    times = alternate(runs, 3 if arguments.quick else arguments.rounds)
    lower, middle, upper = quantiles(ratios(times["shared"].wall, times["bare"].wall), n=4)
    return {
        "ratio": round(middle, 4),
        "quarters": [round(lower, 4), round(upper, 4)],
        "processor_ratio": round(median(ratios(times["shared"].processor, times["bare"].processor)), 4),
        "shared_ms_a_step": milliseconds(times["shared"].wall, steps),
        "bare_ms_a_step": milliseconds(times["bare"].wall, steps),
        "steps_a_call": steps,
        "steps": int(both.bare.steps),
        "steps_compared": COMPARED,
        "difference": apart,
    }


class Both:
    """The two loops of a plugin's game, from the same weights.

    Args:
        plugin: its name.
        settings: as of `--set`.
    """

    def __init__(self, plugin: str, settings: Sequence[str]) -> None:
        self.loop = Loop.of(make_domain(plugin, settings=settings))
        batch = next(self.loop.stream())
        self.bare = BARE_GAMES[plugin](self.loop.domain, batch)
        self._batches = constant(batch)

    def run_shared(self, count: int) -> None:
        """Play some steps in the shared loop."""
        keep_order()
        self.loop.run(self._batches, count)

    def run_bare(self, count: int) -> None:
        """Play some steps in the one that is written by hand."""
        # As TensorFlow comes: a loop written by hand may let it merge sums.
        tf.config.optimizer.set_experimental_options({"arithmetic_optimization": True})
        self.bare.run(count)


def difference(ours: Mapping[str, keras.Model], theirs: Mapping[str, keras.Model]) -> float:
    """Return how far the variable that differs most is from its other, in parts of its norm."""
    return max(
        distance(b.numpy(), a.numpy())
        for name in ours
        for a, b in zip(ours[name].variables, theirs[name].variables, strict=True)
    )


if __name__ == "__main__":
    main()
