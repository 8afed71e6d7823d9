"""Runs killed again and again, against runs that were left alone.

    python benchmarks/kills.py [--kills N] [--plugin NAME] [--devices N] [--append] [--quick]

For each plugin of this repository, on one device and on two logical ones, a tiny run is trained once from
beginning to end (`tests/support/tiny.py` says what is tiny). Then the same is trained in other folders, by
`gansuite train` in processes of its own, each of which gets SIGKILL at a random moment: while a checkpoint is
written, while samples are drawn, or anywhere; `gansuite train --resume` goes on. Every run that is finished
is compared with the one that was left alone: all tensors of two checkpoints, bit for bit, and all rows of
metrics.jsonl but for what they say about time. A figure is what differs (promised: nothing).
"""

from __future__ import annotations

import itertools
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from results import REPOSITORY, Figure, options, parse, publish

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from killing import (
    COMPARED,
    MOMENTS,
    STEPS,
    TRAINING,
    Kill,
    devices_flags,
    differing,
    finish,
    kill,
    metrics,
    tensors,
    untimed,
)
from tiny import TINY, plugins_of_this_repository


@dataclass(kw_only=True)
class Campaign:
    """What became of the runs of one plugin on so many devices.

    Attributes:
        kills: every process that was killed.
        runs: how many runs were finished and compared.
        compared: tensors compared.
        differing: names of those of which a bit differed, a name for each run and checkpoint.
        rows: rows of metrics compared.
        differing_rows: those that differed or were missing.
    """

    kills: list[Kill] = field(default_factory=list)
    runs: int = 0
    compared: int = 0
    differing: list[str] = field(default_factory=list)
    rows: int = 0
    differing_rows: int = 0

    def compare(self, run: Path, whole: Path) -> None:
        """Compare a finished run with the one that was left alone."""
        self.runs += 1
        for step in (COMPARED, STEPS):
            self.compared += len(tensors(whole, step))
            self.differing += [f"{name} of step {step}" for name in differing(run, whole, step)]
        rows, expected = untimed(metrics(run)), untimed(metrics(whole))
        self.rows += len(expected)
        self.differing_rows += abs(len(rows) - len(expected))
        self.differing_rows += sum(row != other for row, other in zip(rows, expected, strict=False))

    def mapping(self) -> dict[str, Any]:
        """All counts, in a form JSON can hold."""
        return {
            "kills": len(self.kills),
            "kills_by_moment": Counter(one.moment for one in self.kills),
            "kills_that_cut_a_write": sum(bool(one.cut) for one in self.kills),
            "killed_after_steps": [one.reached for one in self.kills],
            "runs": self.runs,
            "tensors_compared": self.compared,
            "tensors_differing": self.differing,
            "rows_compared": self.rows,
            "rows_differing": self.differing_rows,
        }


def main() -> None:
    """Kill the runs of plugin after plugin."""
    parser = options(__doc__)
    plugins = plugins_of_this_repository()
    parser.add_argument("--kills", type=int, default=25, help="of each plugin on each number of devices")
    parser.add_argument("--plugin", choices=plugins, help="only this one")
    parser.add_argument("--devices", type=int, choices=(1, 2), help="only on so many")
    arguments = parse(parser)
    figures, details = [], {}
    for plugin in [arguments.plugin] if arguments.plugin else plugins:
        for devices in [arguments.devices] if arguments.devices else (1, 2):
            name = f"{plugin} on {devices} device{'s' * (devices > 1)}"
            with tempfile.TemporaryDirectory() as folder:
                campaign = wage(plugin, devices, Path(folder), 1 if arguments.quick else arguments.kills)
            details[name] = campaign.mapping()
            figures += as_figures(name, campaign)
    publish(arguments, figures, details)


def wage(plugin: str, devices: int, folder: Path, kills: int) -> Campaign:
    """Kill runs so many times, and compare them all."""
    campaign, moments = Campaign(), itertools.cycle(MOMENTS)
    choice = random.Random(f"{plugin} {devices}")  # noqa: S311
    begin = ["train", plugin, *TINY[plugin].arguments(folder), *TRAINING, *devices_flags(devices), "-q"]
    whole = folder / "whole"
    finish(*begin, "--out", str(whole))
    for number in itertools.count():
        run = folder / f"run-{number}"
        command, done = [*begin, "--out", str(run)], False
        while not done and len(campaign.kills) < kills:
            died = kill(run, choice, next(moments), *command)
            done = died is None
            campaign.kills += [died] if died is not None else []
            command = ["train", "--resume", str(run), "-q"] if (run / "config.toml").exists() else command
        if not done:
            finish(*command)
        campaign.compare(run, whole)
        if len(campaign.kills) >= kills:
            return campaign
    raise AssertionError


def as_figures(name: str, campaign: Campaign) -> list[Figure]:
    """Return what differs, with how much was compared."""
    times = f"{name}, SIGKILL {len(campaign.kills)} times in {campaign.runs} runs"
    return [
        Figure(
            name=f"{times}: differing of {campaign.compared} tensors and {campaign.rows} rows of metrics",
            value=len(campaign.differing) + campaign.differing_rows,
            at_most=0,
            seeds="3",
        )
    ]


if __name__ == "__main__":
    main()
