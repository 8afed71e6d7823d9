"""Runs that a claim is made of: trained by `gansuite train` for some minutes or steps, then judged."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gansuite.apart import COMMAND
from gansuite.composition import compose_with_data
from gansuite.domain import Score
from gansuite.metrics.evaluation import evaluate
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.training.trained import Trained, load_trained

#: Settings of a run that is looked at only when it is done.
QUIET = "training={sample_every=1000000,checkpoint_every=1000000}"
#: Seconds that a run has to write its last checkpoint.
PATIENCE = 120.0


@contextmanager
def kept(folder: Path | None) -> Iterator[Path]:
    """A folder to work in, removed afterwards unless it was asked for."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Path(temporary)


def train(
    plugin: str,
    path: Path,
    *,
    data: str | None,
    sets: Sequence[str] = (),
    steps: int | None = None,
    minutes: float | None = None,
) -> None:
    """Train a run to a step or for some minutes, the start of the process included.

    Args:
        plugin: its name.
        path: of the run; gone on with where it exists.
        data: as of `--data`; None for the plugin's default.
        sets: as of `--set`.
        steps: how long; the settings' own number where it is None.
        minutes: Ctrl-C is sent after them; None to wait for the end.

    Raises:
        subprocess.CalledProcessError: training failed.
    """
    command = [*COMMAND, "train"]
    begin = [plugin, *([] if data is None else ["--data", data]), "--out", str(path)]
    command += ["--resume", str(path)] if path.exists() else begin
    command += [word for one in sets for word in ("--set", one)]
    command += [] if steps is None else ["--steps", str(steps)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        code = process.wait(None if minutes is None else 60 * minutes)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        code = process.wait(PATIENCE)
    except BaseException:
        process.kill()
        raise
    if code not in ((0,) if minutes is None else (0, 130)):
        raise subprocess.CalledProcessError(code, command)


def opened(path: Path) -> Trained:
    """Return what a run learned."""
    run = Run.open(path)
    plugin = load(run.plugin)
    return load_trained(run, plugin.build_domain(compose_with_data(plugin, run, None)), _note)


def _note(text: str) -> None:
    print(text, file=sys.stderr)  # standard output is for the figures


def judged(path: Path, count: int) -> dict[str, Score]:
    """Judge a run by so many outputs: its scores by name."""
    return {score.name: score for score in evaluate(opened(path), count=count, seed=0)[0]}
