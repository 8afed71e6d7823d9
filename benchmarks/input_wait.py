"""How much of a training step is spent waiting for data.

    python benchmarks/input_wait.py [--case NAME] [--rounds N] [--seconds S] [--append] [--quick]

The compiled loop of `gansuite train` is fed in turn by the real stream (shuffled rows of the prepared
cache, decoded, prefetched) and by one batch that lies in memory, in this process and with the same
networks. Loading shares the cores with training here, so the share holds what the loop waits for and what
it is slowed down by.

- pictures: dcgan's default networks at 64 x 64 on a folder of photographs (`--pictures`).
- songs: musegan on a folder of MIDI files (`--songs`, POP909 with the settings of its card).
- chorales: musegan's default.

What a call takes out of the stream's buffer is loaded again while it runs. The share is 1 - memory /
stream, the median over the rounds (promised: less than 2 %); `processor_share` is the same of the time on
all cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from typing import Any

from results import SHARED_DATA, Figure, options, parse, publish

# isort: split
# TensorFlow's kernels are chosen there, before it is imported.
from loops import Loop, alternate, constant, make_domain, milliseconds, ratios, steps_per_call

from gansuite.domain import Domain

SECONDS = 3.0
TINY = {
    "pictures": ("generator.width=4", "discriminator.width=4", "training.batch_size=4"),
    "songs": ("generator.channels=8", "critic.channels=8", "training.batch_size=4"),
    "chorales": ("generator.channels=8", "critic.channels=8", "training.batch_size=4"),
}


def main() -> None:
    """Measure case after case."""
    parser = options(__doc__)
    parser.add_argument("--case", choices=tuple(TINY), help="only this one")
    parser.add_argument("--pictures", type=Path, default=SHARED_DATA / "facades" / "train", metavar="FOLDER")
    parser.add_argument("--songs", type=Path, default=SHARED_DATA / "pop909", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=15, help="how often both are measured")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long a call takes")
    arguments = parse(parser)
    figures, details = [], {}
    for case in [arguments.case] if arguments.case else TINY:
        details[case] = measure(case, arguments)
        name = f"share of a step spent waiting for data, {case}"
        share = details[case]["share"]
        figures.append(Figure(name=name, value=100 * share, unit="%", at_most=2, seeds="0"))
    publish(arguments, figures, details)


def measure(case: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Compare a case's stream with a batch in memory."""
    loop = Loop.of(domain_of(case, arguments))
    stream = loop.stream()
    memory = constant(next(stream))

    def from_stream(steps: int) -> None:
        loop.run(stream, steps)

    steps = 2 if arguments.quick else steps_per_call(from_stream, arguments.seconds)
    loop.run(memory, 1)
    runs = {"stream": lambda: from_stream(steps), "memory": lambda: loop.run(memory, steps)}
    times = alternate(runs, 3 if arguments.quick else arguments.rounds)
    return {
        "share": round(1 - median(ratios(times["memory"].wall, times["stream"].wall)), 4),
        "processor_share": round(1 - median(ratios(times["memory"].processor, times["stream"].processor)), 4),
        "stream_ms_a_step": milliseconds(times["stream"].wall, steps),
        "memory_ms_a_step": milliseconds(times["memory"].wall, steps),
        "steps_a_call": steps,
        "batches_a_step": loop.rounds,
        "examples": loop.examples.size,
    }


def domain_of(case: str, arguments: argparse.Namespace) -> Domain:
    """Make the domain of a case."""
    settings = TINY[case] if arguments.quick else ()
    match case:
        case "pictures":
            return make_domain("dcgan", data=str(arguments.pictures), settings=("data.size=64", *settings))
        case "songs":
            return make_domain("musegan", data=str(arguments.songs), card="pop909", settings=settings)
        case _:
            return make_domain("musegan", settings=settings)


if __name__ == "__main__":
    main()
