"""Whether an export that is killed, or is not alone, leaves anything that a server would take for a version.

    python benchmarks/export_kills.py [--plugin NAME] [--kills N] [--append] [--quick]

A plugin (`dcgan` unless told otherwise) is trained for two steps and exported once, which takes a while. Then
`gansuite export` gets SIGKILL again and again, each time at another moment of that while. Every folder that
a server would read is compared with the first version: the names of its files, and the content of all that
do not name the moment they were written. Figures are how many differ or lack something (promised: none), and
how many versions two exports at the same time leave (promised: two).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from results import HERE, REPOSITORY, Figure, options, parse, publish

sys.path.append(str(HERE / "claims"))
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from training import train

from gansuite.export.versions import versions
from killing import start

#: They hold an identifier of the export.
UNLIKE = ("fingerprint.pb", "saved_model.pb")


def main() -> None:
    """Kill exports of one plugin."""
    parser = options(__doc__)
    parser.add_argument("--plugin", default="dcgan", help="what is exported")
    parser.add_argument("--kills", type=int, default=50, help="how many")
    arguments = parse(parser)
    if arguments.quick:
        arguments.kills = 2
    with tempfile.TemporaryDirectory() as folder:
        details = measure(arguments, Path(folder))
    name = f"{arguments.plugin}, export killed {details['kills']} times"
    figures = [
        Figure(
            name=f"{name}: versions that are not whole, of {details['versions']}",
            value=len(details["damaged"]), at_most=0, seeds="0",
        ),
        Figure(
            name=f"{arguments.plugin}, two exports at once: versions", value=details["at_once"], at_least=2
        ),
    ]  # fmt: skip
    publish(arguments, figures, details)


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return how many were killed, how many were done before, and which versions are damaged."""
    run, served = folder / "run", folder / "served"
    train(arguments.plugin, run, data=None, steps=2)
    command = ["export", str(run), str(served), "--name", "model"]
    begun = time.monotonic()
    finish_all(start(*command))
    while_ = time.monotonic() - begun
    expected = contents(served / "model" / "1")
    choice, kills, late = random.Random(0), 0, 0  # noqa: S311
    while kills < arguments.kills:
        process = start(*command)
        # What comes before the first file is written is the longest part, and tells the least.
        time.sleep(choice.uniform(0.4, 1.0) * while_)
        process.kill()
        process.communicate()
        kills += process.returncode < 0
        late += process.returncode == 0
    numbers = versions(served / "model")
    damaged = [number for number in numbers if contents(served / "model" / str(number)) != expected]
    finish_all(start(*command), start(*command))
    return {
        "kills": kills,
        "done_before": late,
        "seconds_of_an_export": round(while_, 2),
        "versions": len(numbers),
        "damaged": damaged,
        "drafts_left": len(list((served / "model").glob(".writing-*"))),
        "at_once": len(versions(served / "model")) - len(numbers),
    }


def finish_all(*processes: Any) -> None:
    """Wait for processes that started together, all of which must end well."""
    for process in processes:
        _, errors = process.communicate(timeout=600)
        if process.returncode != 0:
            raise SystemExit(errors)


def contents(version: Path) -> dict[str, bytes]:
    """Return what a version holds, by name."""
    files = {str(path.relative_to(version)): path for path in version.rglob("*") if path.is_file()}
    return {name: b"" if path.name in UNLIKE else path.read_bytes() for name, path in files.items()}


if __name__ == "__main__":
    main()
