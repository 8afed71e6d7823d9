"""How fast each plugin trains beside the same step in PyTorch.

    python benchmarks/pytorch_speed.py [--case NAME]… [--precision float32|bfloat16] [--rounds N]
                                       [--compile] [--append] [--quick]

Needs the extra `bench`. A step of the plugin is what `gansuite train` runs, with the settings that stand
beside its peer in `peers` (the sizes that the papers published where a step takes seconds), on one batch in
memory, averages of the weights left out. PyTorch's has the same networks (the numbers of their weights are
compared), batch, losses and players, each of which makes fakes of its own; its Adam is the fused one, and of
eager execution with and without channels-last, and with `--compile` of torch.compile (which knows no
gradients of gradients, and needs a C++ compiler), the fastest is taken. `srgan` is two cases, `srresnet` the
first phase and `srgan` the second; of `f-anogan`, the first of which is a WGAN-GP, the encoder's is measured;
`anogan` trains as `dcgan` does, so that its search is. Both use all cores, in turns, in one process. A figure
is PyTorch's median time over ours (promised: at least 1.05; `musegan` 1.2; latent search 1.1).
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from results import Figure, options, parse, publish

# isort: split
# TensorFlow's kernels are chosen there, before it is imported.
import sys

import numpy as np
import torch
from latent_search import build as build_search
from latent_search import pictures
from loops import Loop, alternate, constant, make_domain, milliseconds, ratios, steps_per_call
from peers import anomaly, image, music, superres, translation
from peers.case import Case, Form, Step

#: Plain steps without averages: the peer has none.
PLAIN = ("training.average=0",)
CASES: dict[str, Case] = {
    **image.CASES, **superres.CASES, **translation.CASES, **music.CASES, **anomaly.CASES
}  # fmt: skip
Run = Callable[[int], None]


def main() -> None:
    """Measure case after case."""
    parser = options(__doc__)
    parser.add_argument("--case", action="append", choices=tuple(CASES), help="only this one")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--rounds", type=int, default=9, help="how often both are measured")
    parser.add_argument("--compile", action="store_true", help="try torch.compile as well")
    arguments = parse(parser)
    torch.manual_seed(0)
    figures, details = [], {}
    for name in arguments.case or CASES:
        found = measure(name, arguments)
        details[name] = found
        print(f"{name}: {found}", file=sys.stderr)
        promise = 1.0 if arguments.precision == "bfloat16" else CASES[name].promise
        what = f"{name} in {arguments.precision}: PyTorch's time of a step over ours"
        what = f"{what} ({found['pytorch_ms']:g} over {found['ours_ms']:g} ms; {found['pytorch']})"
        figures.append(Figure(name=what, value=found["ratio"], unit="x", at_least=promise, seeds="0"))
    publish(arguments, figures, {"cases": details, "torch": torch.__version__})


def measure(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure both in turns: milliseconds of a step, the median ratio, and PyTorch's best form."""
    case = CASES[name]
    ours, config, weights = of_search(arguments) if name == anomaly.SEARCH else of_plugin(case, arguments)
    forms = {}
    for form in forms_of(case, arguments):
        step, count = case.peer(config, form)
        if count != weights:
            raise AssertionError(f"{name} has {weights} weights, its peer {count}")
        forms[form.text] = repeated(step)
    counts = {
        one: 1 if arguments.quick else steps_per_call(run) for one, run in {"ours": ours, **forms}.items()
    }
    trials = alternate(
        {one: partial(run, counts[one]) for one, run in forms.items()}, 1 if arguments.quick else 3
    )
    times = {one: milliseconds(trial.wall, counts[one]) for one, trial in trials.items()}
    best = min(times, key=lambda one: times[one])
    runs = {"ours": partial(ours, counts["ours"]), "theirs": partial(forms[best], counts[best])}
    measured = alternate(runs, 1 if arguments.quick else arguments.rounds)
    each = [second / counts["ours"] for second in measured["ours"].wall]
    theirs = [second / counts[best] for second in measured["theirs"].wall]
    return {
        "plugin": case.plugin,
        "ratio": median(ratios(theirs, each)),
        "ours_ms": round(1000 * median(each), 2),
        "pytorch_ms": round(1000 * median(theirs), 2),
        "pytorch": best,
        "forms_ms": times,
        "weights": weights,
    }


def forms_of(case: Case, arguments: argparse.Namespace) -> list[Form]:
    """Return the ways that PyTorch may run a case."""
    return [
        Form(channels_last=last, compiled=compiled, half=arguments.precision == "bfloat16")
        for last, compiled in itertools.product((False, True), repeat=2)
        if (case.pictures or not last) and ((case.compiles and arguments.compile) or not compiled)
    ]


def repeated(step: Step) -> Run:
    """Some steps, one after the other."""

    def run(steps: int) -> None:
        for _ in range(steps):
            step()

    return run


def of_plugin(case: Case, arguments: argparse.Namespace) -> tuple[Run, Any, int]:
    """The steps of a plugin, its settings, and how many weights its players train."""
    small = case.small if arguments.quick else ()
    sets = [*PLAIN, *case.settings, *small, f"training.precision={arguments.precision}"]
    loop = Loop.of(make_domain(case.plugin, settings=sets), case.phase)
    batches = constant(next(loop.stream()))
    trained = {name for player in loop.phase.players for name in player.trains}
    weights = sum(
        int(np.prod(weight.shape))
        for name in trained
        for weight in loop.state.networks[name].trainable_weights
    )
    return lambda steps: loop.run(batches, steps), loop.domain.config, weights


def of_search(arguments: argparse.Namespace) -> tuple[Run, Any, int]:
    """Steps of the search for 64 latents at once, as `detect` runs it."""
    built: dict[int, Any] = {}

    def run(steps: int) -> None:
        if steps not in built:
            _, answers, _, _ = build_search(steps)
            built[steps] = (answers, pictures(answers))
            answers.call("score", {"images": built[steps][1]}, batch=64)  # compiles
        answers, images = built[steps]
        answers.call("score", {"images": images}, batch=64)

    found, _, _, config = build_search(1)
    weights = sum(int(np.prod(one.shape)) for network in found.values() for one in network.trainable_weights)
    return run, config, weights


if __name__ == "__main__":
    main()
