"""Runs killed again and again, against runs that were left alone.

    python benchmarks/kills.py [--kills N] [--plugin NAME]… [--devices N | --workers N] [--append] [--quick]

For each plugin of this repository, on one device and on two logical ones, a tiny run is trained once from
beginning to end (`tests/support/tiny.py` says what is tiny). Then the same is trained in other folders, by
`gansuite train` in processes of its own, each of which gets SIGKILL at a random moment: while a checkpoint is
written, while samples are drawn, or anywhere; `gansuite train --resume` goes on. Every run that is finished
is compared with the one that was left alone: all tensors of two checkpoints, bit for bit, and all rows of
metrics.jsonl but for what they say about time. A figure is what differs (promised: nothing), and how often a
checkpoint was lost that had been whole before a kill (promised: never).

With `--workers`, so many processes train each run together, and one of them is killed, the chief or another;
two more figures are the longest that the rest took to stop (promised: less than a minute, twice the silence
after which a worker is taken for dead) and how many of them did not end with exit code 1 (promised: none).
"""

from __future__ import annotations

import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from results import REPOSITORY, Figure, options, parse, publish

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from gansuite.testing.reading import differing, metrics, tensors, untimed
from gansuite.training.checkpoints import Checkpoints
from killing import (
    COMPARED,
    MOMENTS,
    STEPS,
    TRAINING,
    Kill,
    Moment,
    await_moment,
    devices_flags,
    finish,
    kill,
    killed_at,
    newest,
)
from tiny import TINY, plugins_of_this_repository
from workers import ends, finish_together, workers

#: Steps between two checkpoints of `TRAINING`.
CHECKPOINT_EVERY = 4
#: Seconds in which the rest of the workers is to stop.
LONGEST_WAIT = 60


@dataclass(kw_only=True)
class Campaign:
    """What became of the runs of one plugin on so many devices, or with so many workers.

    Attributes:
        workers: how many train a run together; 1 is none but the process that has the run.
        choice: decides who is killed, and when.
        victims: which worker was killed, each time.
        waits: seconds that the others took to stop.
        strange_ends: exit codes other than 1 of those that had not done the last step before.
        lost: kills after which the newest sound checkpoint was older than one that was whole before, or than
            any but the one under way.
        kills: every process that was killed.
        runs: how many runs were finished and compared.
        compared: tensors compared.
        differing: names of those of which a bit differed, a name for each run and checkpoint.
        rows: rows of metrics compared.
        differing_rows: those that differed or were missing.
    """

    workers: int = 1
    choice: random.Random
    kills: list[Kill] = field(default_factory=list)
    victims: list[int] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    strange_ends: list[int] = field(default_factory=list)
    lost: int = 0
    runs: int = 0
    compared: int = 0
    differing: list[str] = field(default_factory=list)
    rows: int = 0
    differing_rows: int = 0

    def finish(self, command: Sequence[str]) -> None:
        """Train a run to its end."""
        if self.workers > 1:
            finish_together(*[command] * self.workers)
        else:
            finish(*command)

    def kill(self, run: Path, moment: Moment, command: Sequence[str]) -> bool:
        """Train a run until it is killed; whether it was, before it was done."""
        if self.workers > 1:
            died = self._kill_one(run, moment, command)
        else:
            died = kill(run, self.choice, moment, *command)
        if died is None:
            return False
        self.kills.append(died)
        # The report of a step comes before its checkpoint, and one may be under way beside training.
        whole = CHECKPOINT_EVERY * (max(0, died.reached - 1) // CHECKPOINT_EVERY - 1)
        sound, _ = Checkpoints(run / "checkpoints").newest_sound()
        self.lost += (sound or 0) < max(died.kept, whole)
        return True

    def _kill_one(self, run: Path, moment: Moment, command: Sequence[str]) -> Kill | None:
        victim = self.choice.randrange(self.workers)
        with workers(*[command] * self.workers) as running:
            await_moment(running[0], run, self.choice, moment)
            killed = running.pop(victim)
            kept = newest(run)
            done = [one.poll() == 0 for one in running]
            killed.kill()
            begun = time.monotonic()
            try:
                ended = ends(running)
            finally:
                running.append(killed)
            wait = time.monotonic() - begun
            if killed.wait() >= 0:
                return None
        self.victims.append(victim)
        self.waits.append(round(wait, 2))
        self.strange_ends += [
            code for (code, _), was in zip(ended, done, strict=True) if code != 1 and not was
        ]
        return killed_at(run, moment, kept)

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
            "victims": Counter(self.victims),
            "seconds_until_the_others_stopped": self.waits,
            "strange_ends": self.strange_ends,
            "checkpoints_lost": self.lost,
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
    parser.add_argument("--plugin", action="append", choices=plugins, help="only this one")
    many = parser.add_mutually_exclusive_group()
    many.add_argument("--devices", type=int, choices=(1, 2), help="only on so many")
    many.add_argument("--workers", type=int, help="with so many workers instead")
    arguments = parse(parser)
    kills = 1 if arguments.quick else arguments.kills
    figures, details = [], {}
    for plugin in arguments.plugin or plugins:
        if arguments.workers:
            forms = {f"{plugin} with {arguments.workers} workers": (arguments.workers, [])}
        else:
            chosen = [arguments.devices] if arguments.devices else (1, 2)
            forms = {f"{plugin} on {n} device{'s' * (n > 1)}": (1, devices_flags(n)) for n in chosen}
        for name, (count, flags) in forms.items():
            campaign = Campaign(workers=count, choice=random.Random(name))  # noqa: S311
            with tempfile.TemporaryDirectory() as folder:
                wage(campaign, plugin, flags, Path(folder), kills)
            details[name] = campaign.mapping()
            figures += as_figures(name, campaign)
            print(f"{name}: {campaign.mapping()}", file=sys.stderr)
    publish(arguments, figures, details)


def wage(campaign: Campaign, plugin: str, flags: Sequence[str], folder: Path, kills: int) -> None:
    """Kill runs so many times, and compare them all."""
    moments = itertools.cycle(MOMENTS)
    begin = ["train", plugin, *TINY[plugin].arguments(folder), *TRAINING, *flags, "-q"]
    whole = folder / "whole"
    campaign.finish([*begin, "--out", str(whole)])
    for number in itertools.count():
        run = folder / f"run-{number}"
        command, done = [*begin, "--out", str(run)], False
        while not done and len(campaign.kills) < kills:
            done = not campaign.kill(run, next(moments), command)
            if (run / "config.toml").exists():
                command = ["train", "--resume", str(run), "-q"]
        if not done:
            campaign.finish(command)
        campaign.compare(run, whole)
        if len(campaign.kills) >= kills:
            return


def as_figures(name: str, campaign: Campaign) -> list[Figure]:
    """Return what differs, with how much was compared."""
    times = f"{name}, SIGKILL {len(campaign.kills)} times in {campaign.runs} runs"
    differing_all = len(campaign.differing) + campaign.differing_rows
    compared = f"differing of {campaign.compared} tensors and {campaign.rows} rows of metrics"
    found = [
        Figure(name=f"{times}: {compared}", value=differing_all, at_most=0, seeds="3"),
        Figure(name=f"{times}: checkpoints lost", value=campaign.lost, at_most=0, seeds="3"),
    ]
    if campaign.workers == 1:
        return found
    return [
        *found,
        Figure(
            name=f"{times}: the longest that the others took to stop",
            value=max(campaign.waits), unit="s", at_most=LONGEST_WAIT, seeds="3",
        ),
        Figure(
            name=f"{times}: others that did not end with exit code 1",
            value=len(campaign.strange_ends), at_most=0, seeds="3",
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
