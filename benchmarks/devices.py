"""Whether two devices, or several workers, learn what one does, with each plugin's own settings.

    python benchmarks/devices.py [--plugin NAME]… [--workers N | --change-at STEP | --nudge TIMES]
                                 [--seeds N…] [--set A.B=VALUE]… [--append] [--quick]

`gansuite train` takes 20 steps on the plugin's default data, once on one device and once on two logical ones,
with the same global batch; with `--workers`, in so many processes on this machine instead; with
`--change-at`, on one until a step and on two after it, and the other way round. One figure is
‖one - two‖ / ‖one‖ of the weight or running average that differs most, with the seed that is worst, and the
other that of all weights of a network together, or of their averages (promised: below 1e-4).

Rounding alone makes about 1e-6. Where a network has kinks (ReLU), rounding now and then puts one number on
the other side of one: its slope is another then, and what follows differs by far more than rounding, most of
all relative to a weight that began at 0, as an offset does. With
`--set training.precision=float64` rounding is too fine for that: what is left is what devices change. With
`--nudge` nothing but rounding is: one device in all runs, and in all but one, so many times, another weight
in a thousand is made the next larger or smaller number after the first step. That is less than what adding in
another order does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from results import REPOSITORY, Figure, options, parse, publish

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from gansuite.testing.reading import checkpoint, distance, tensors
from gansuite.training.checkpoints import Checkpoints
from killing import devices_flags, finish
from tiny import TINY, plugins_of_this_repository
from workers import finish_together

STEPS = 20
LARGEST = 1e-4
#: Which share of all weights is rounded otherwise.
NUDGED = 1e-3
WEIGHT, NETWORK = "a weight", "a network's weights together"
#: What differs most, in each of both ways, by the name of a network.
Apart = dict[str, dict[str, float]]
#: What a checkpoint holds, by name.
State = Mapping[str, np.ndarray]


def main() -> None:
    """Compare plugin after plugin."""
    parser = options(__doc__)
    plugins = plugins_of_this_repository()
    parser.add_argument("--plugin", action="append", choices=plugins, help="only this one")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--workers", type=int, default=0, help="processes instead of devices")
    kinds.add_argument("--change-at", type=int, default=0, help="step after which a run goes on on others")
    kinds.add_argument(
        "--nudge", type=int, default=0, help="runs of which some weights are rounded otherwise"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of the runs")
    parser.add_argument("--set", dest="sets", action="append", default=[], help="of all runs")
    arguments = parse(parser)
    steps = 2 if arguments.quick else STEPS
    details: dict[str, dict[str, Apart]] = {}
    for plugin in arguments.plugin or plugins:
        details[plugin] = {}
        for seed in arguments.seeds:
            with tempfile.TemporaryDirectory() as folder:
                tiny = small(plugin, Path(folder)) if arguments.quick else []
                sets = [*tiny, *arguments.sets, f"training.seed={seed}"]
                found = compare(plugin, sets, steps, Path(folder), arguments)
            details[plugin][f"seed {seed}"] = found
            print(f"{plugin}, seed {seed}: {found}", file=sys.stderr)
    others = f"{arguments.workers} workers" if arguments.workers else "two devices"
    if arguments.nudge:
        others = f"one device with a weight in a thousand rounded otherwise, {arguments.nudge} times,"
    if arguments.change_at:
        others = f"one device until step {arguments.change_at} and two after it, or the reverse,"
    given = f" with {', '.join(arguments.sets)}" if arguments.sets else ""
    figures = [
        Figure(
            name=f"{plugin}{given}: relative difference of {what} on {others} after {steps} steps",
            value=max(max(found[what].values()) for found in of_seeds.values()),
            at_most=None if arguments.nudge else LARGEST,
            seeds=" ".join(str(seed) for seed in arguments.seeds),
        )
        for plugin, of_seeds in details.items()
        for what in (WEIGHT, NETWORK)
    ]  # fmt: skip
    publish(arguments, figures, details)


def small(plugin: str, folder: Path) -> list[str]:
    """Return settings with which a plugin trains in seconds."""
    return [f"data.source={TINY[plugin].data(folder)}", *TINY[plugin].settings]


def compare(plugin: str, sets: list[str], steps: int, folder: Path, arguments: argparse.Namespace) -> Apart:
    """Train on one device, and otherwise; how far what was learned is from each other."""
    every = ",".join(f"{what}_every={steps}" for what in ("report", "sample", "checkpoint"))
    flags = [word for one in (f"training={{{every}}}", *sets) for word in ("--set", one)]
    command = ["train", plugin, "-q", *flags]
    whole = ["--steps", str(steps)]
    alone, together, reverse = folder / "alone", folder / "together", folder / "reverse"
    finish(*command, *whole, "--out", str(alone), *devices_flags(1))
    others = [together]
    if arguments.workers:
        finish_together(*[[*command, *whole, "--out", str(together)]] * arguments.workers)
    elif arguments.change_at:
        others.append(reverse)
        for run, devices in ((together, (1, 2)), (reverse, (2, 1))):
            first = ["--steps", str(arguments.change_at), "--out", str(run)]
            finish(*command, *first, *devices_flags(devices[0]))
            there = [*devices_flags(devices[1]), "--devices", str(devices[1])]
            finish("train", "--resume", str(run), "-q", *whole, *there)
    elif arguments.nudge:
        others = [folder / f"nudged-{number}" for number in range(arguments.nudge)]
        for number, run in enumerate(others):
            finish(*command, "--steps", "1", "--out", str(run), *devices_flags(1))
            nudge(run, 1, np.random.default_rng(number))
            finish("train", "--resume", str(run), "-q", *whole)
    else:
        finish(*command, *whole, "--out", str(together), *devices_flags(2))
    return furthest(tensors(alone, steps), [tensors(run, steps) for run in others])


def nudge(run: Path, step: int, choice: np.random.Generator) -> None:
    """Make one weight in a thousand of a checkpoint the next larger or smaller number."""
    reader = tf.train.load_checkpoint(str(checkpoint(run, step) / "state"))
    state = {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
    for name, value in state.items():
        if name.startswith("networks/"):
            up = np.where(choice.random(value.shape) < 0.5, np.inf, -np.inf).astype(value.dtype)
            state[name] = np.where(choice.random(value.shape) < NUDGED, np.nextafter(value, up), value)
    folder = run / "checkpoints"
    draft = folder / ".writing-nudged"
    draft.mkdir()
    tf.raw_ops.SaveV2(
        prefix=str(draft / "state"), tensor_names=[*state], shape_and_slices=[""] * len(state),
        tensors=[*state.values()],
    )  # fmt: skip
    Checkpoints(folder).publish(draft, step)


def furthest(expected: State, others: Sequence[State]) -> Apart:
    """Return how far states are from an expected one at most."""
    networks: dict[str, list[str]] = {}
    for name in expected:
        if name.startswith(("networks/", "averages/")):
            networks.setdefault("/".join(name.split("/")[:2]), []).append(name)

    def together(state: State, names: Sequence[str]) -> np.ndarray:
        return np.concatenate([state[name].ravel() for name in names])

    return {
        WEIGHT: {
            network: max(distance(expected[name], state[name]) for state in others for name in names)
            for network, names in networks.items()
        },
        NETWORK: {
            network: max(distance(together(expected, names), together(state, names)) for state in others)
            for network, names in networks.items()
        },
    }


if __name__ == "__main__":
    main()
