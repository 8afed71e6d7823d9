"""``gansuite generate``: something new from a trained run."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gansuite.cli.domains import open_trained
from gansuite.cli.options import (
    LARGEST_SEED,
    GivenPath,
    Remote,
    checkpoint_option,
    run_argument,
    server_option,
)
from gansuite.cli.screen import note, results, verbose_option
from gansuite.data.progress import progress
from gansuite.errors import GansuiteError, UsageError
from gansuite.files import write_beside
from gansuite.runs import Run, Which

if TYPE_CHECKING:
    from gansuite.training.trained import Trained

#: How many are made and drawn together; of more, each so many get a folder.
TOGETHER = 1000


@click.command()
@run_argument
@click.option("-n", "count", type=click.IntRange(min=1), default=8, show_default=True, help="How many.")
@click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    default=0,
    show_default=True,
    help="The first is made from this seed, the next from the one after it, and so on.",
)
@click.option(
    "-o",
    "folder",
    type=GivenPath(file_okay=False),
    help="Where to write, over files of the same names; RUN/generated/... by default.",
)
@click.option("--label", metavar="LABEL", help="Of this class: its name or number; of any by default.")
@click.option(
    "--set", "assignments", multiple=True, metavar="A.B=VALUE", help="How it is written: output.tempo=120."
)
@checkpoint_option
@server_option
@verbose_option
def generate(
    run: Run,
    count: int,
    seed: int,
    folder: Path | None,
    label: str | None,
    assignments: tuple[str, ...],
    checkpoint: Which,
    server: Remote | None,
) -> None:
    """Make something new with a trained RUN; prints the files written.

    Of more than a thousand, each thousand gets a folder within the other.
    """
    last = seed + count - 1
    if last > LARGEST_SEED:
        raise UsageError(f"the last seed would be {last}; the largest is {LARGEST_SEED}", where="--seed")
    trained = open_trained(run, checkpoint, assignments=assignments, server=server)
    target = folder if folder is not None else run.generated / f"{_of(trained, label)}seed-{seed}-to-{last}"
    seeds = range(seed, last + 1)
    if count <= TOGETHER:
        _tell(_generate(trained, seeds, target, label))
        return
    with progress(count, "generating") as done:
        for first in range(0, count, TOGETHER):
            some = seeds[first : first + TOGETHER]
            _tell(_generate(trained, some, target / f"seed-{some[0]}-to-{some[-1]}", label))
            done.advance(len(some))


def _of(trained: Trained, label: str | None) -> str:
    """What a folder is named after: what a run makes once it was trained further lies beside the earlier."""
    # Of what step a server's answers are is not known here.
    of = f"step-{trained.step}-" if trained.is_local else "served-"
    return of if label is None else f"{of}label-{re.sub(r'[^A-Za-z0-9]+', '-', label)}-"


def _tell(files: Iterable[Path]) -> None:
    for path in files:
        results(str(path))


def _generate(trained: Trained, seeds: range, folder: Path, label: str | None) -> list[Path]:
    import numpy as np

    from gansuite.rendering import rendered

    labels = trained.labels(label, len(seeds))
    outputs = trained.call("sample", {"seed": np.array(seeds, np.int64), **labels})
    prefix = "" if label is None else f"label-{labels['labels'][0]}-"
    names = [f"{prefix}seed-{one}" for one in seeds]
    try:
        files = write_beside(folder, lambda draft: rendered(trained.domain, outputs, draft, names))
    except OSError as error:
        kind = GansuiteError if error.errno == errno.ENOSPC else UsageError
        what = f"nothing could be written: {error.strerror or error}"
        hint = "Make room or give access there, or name another folder with -o."
        raise kind(what, where=str(folder), hint=hint) from error
    remark = trained.domain.remark(outputs)
    if remark is not None:
        note(remark)
    return files
