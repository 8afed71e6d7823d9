"""How fast musegan learns and plays, beside the textbook MuseGAN.

    python benchmarks/musegan_step.py [--rounds N] [--append] [--quick]

A step is all rounds of the critic and the generator's move, on a batch of 64 chorales. The default network
of the plugin (settings of the chorales' card) and the textbook's (`textbook_musegan.py`, which says what it
is) run in turn in this process, both with the loop of `gansuite train`, its stream and float32. `ratio` is
the median over the rounds (promised: at least 15).

Then 1,000 phrases are made as `gansuite generate` makes them: endpoint `sample`, from seeds to binary
rolls, with its compilation; and once more with 1,000 MIDI files written (promised for each: at most 10 s).
The network is hardly trained by then: `notes` says how many were written.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from results import Figure, options, parse, publish

# isort: split
# TensorFlow's kernels are chosen there, before it is imported.
import numpy as np
from loops import Loop, alternate, make_domain, milliseconds, ratios, steps_per_call
from textbook_musegan import SETTINGS, TextbookMuseGAN

from gansuite.training.answers import Answers
from gansuite_music.notes import notes_of, write_midi

SECONDS_PER_CALL = 2.0
TINY = ("training.batch_size=4",)


def main() -> None:
    """Measure steps, then phrases."""
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often both are measured")
    arguments = parse(parser)
    ours = Loop.of(make_domain("musegan", settings=TINY if arguments.quick else ()))
    steps = compare(ours, arguments)
    count = 16 if arguments.quick else 1000
    sampling = generate(ours, count, write=False)
    writing = generate(ours, count, write=True)
    figures = [
        Figure(
            name="musegan's step, times faster than the textbook's",
            value=steps["ratio"], unit="x", at_least=15, seeds="0",
        ),
        Figure(
            name=f"{count} phrases from seeds",
            value=sampling["seconds"], unit="s", at_most=10, seeds="0",
        ),
        Figure(
            name=f"{count} phrases from seeds to MIDI files",
            value=writing["seconds"], unit="s", at_most=10, seeds="0",
        ),
    ]  # fmt: skip
    publish(arguments, figures, {"steps": steps, "sampling": sampling, "writing": writing})


def compare(ours: Loop, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure steps of both networks."""
    settings = (*SETTINGS, *TINY) if arguments.quick else SETTINGS
    textbook = Loop.of(TextbookMuseGAN(make_domain("musegan", settings=settings).config))
    loops = {"textbook": textbook, "default": ours}
    streams = {name: loop.stream() for name, loop in loops.items()}

    def play(name: str, steps: int) -> None:
        loops[name].run(streams[name], steps)

    play("textbook", 1)
    steps = steps_per_call(partial(play, "default"), 0.1 if arguments.quick else SECONDS_PER_CALL)
    runs = {"textbook": partial(play, "textbook", 1), "default": partial(play, "default", steps)}
    times = alternate(runs, 2 if arguments.quick else arguments.rounds)
    return {
        "ratio": round(median(ratios(times["textbook"].wall, times["default"].wall)) * steps, 2),
        "textbook_ms_a_step": milliseconds(times["textbook"].wall, 1),
        "default_ms_a_step": milliseconds(times["default"].wall, steps),
        "weights": {name: weights(loop) for name, loop in loops.items()},
        "rounds_a_step": {name: loop.rounds for name, loop in loops.items()},
        "batch_size": {name: loop.batch_size for name, loop in loops.items()},
    }


def weights(loop: Loop) -> dict[str, int]:
    """Count the weights of each network."""
    return {name: int(network.count_params()) for name, network in loop.state.networks.items()}


def generate(loop: Loop, count: int, *, write: bool) -> dict[str, Any]:
    """Make phrases from seeds, and MIDI files of them if asked to, as a fresh `gansuite generate` would."""
    answers = Answers(loop.domain, loop.state.networks)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        rolls = answers.call("sample", {"seed": np.arange(count)})["rolls"]
        if write:
            write_all(rolls, Path(folder), loop.domain.config)
        seconds = time.perf_counter() - begun
    config = loop.domain.config
    notes = sum(
        len(notes_of(roll[:, number], config.pitches.low, drum=track.drum).start)
        for roll in rolls
        for number, track in enumerate(config.tracks)
    )
    return {"seconds": round(seconds, 3), "phrases": count, "notes": notes}


def write_all(rolls: np.ndarray, folder: Path, config: Any) -> None:
    """Write a MIDI file for each phrase."""
    for number, roll in enumerate(rolls):
        write_midi(folder / f"seed-{number}.mid", roll, config)


if __name__ == "__main__":
    main()
