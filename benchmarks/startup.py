"""How long the command line takes before it does anything.

    python benchmarks/startup.py [--processes N] [--plugins N] [--append] [--quick]

Wall time of `gansuite --help` and `gansuite plugins list`, each in a fresh process: the median of ten
(promised: at most 0.3 s). `modules` are the packages that a process has imported by then, Python's own left
out, and how many modules in all. With `--plugins`, so many others are installed beside those of this
repository, each in a distribution of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from results import Figure, options, parse, publish

from gansuite.scaffold import scaffold

COMMANDS = (("--help",), ("plugins", "list"))
IMPORTED = """
import sys
from gansuite.cli import main
main({arguments!r})
import json
packages = {{name.partition(".")[0] for name in sys.modules}} - {{*sys.stdlib_module_names, "__main__"}}
print(json.dumps([sorted(packages), len(sys.modules)]), file=sys.stderr)
"""


def main() -> None:
    """Time the commands, beside as many other plugins as asked for, and publish what they took."""
    parser = options(__doc__)
    parser.add_argument("--processes", type=int, default=10, help="how many processes for each command")
    parser.add_argument("--plugins", type=int, default=0, help="how many others are installed")
    arguments = parse(parser)
    figures, details = [], {}
    beside = f" beside {arguments.plugins} other plugins" if arguments.plugins else ""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(arguments.plugins):
            install(f"other-{number}", Path(folder))
        os.environ["PYTHONPATH"] = os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")]).rstrip(
            os.pathsep
        )
        for words in COMMANDS:
            command = f"gansuite {' '.join(words)}"
            seconds = [start(*words) for _ in range(2 if arguments.quick else arguments.processes)]
            name = f"`{command}`{beside}, wall time"
            figures.append(Figure(name=name, value=median(seconds), unit="s", at_most=0.3))
            details[command] = {"seconds": [round(one, 3) for one in seconds], "modules": imported(*words)}
    publish(arguments, figures, details)


def install(name: str, folder: Path) -> None:
    """Put a plugin that `gansuite plugins new` writes where it is found."""
    scaffold(name, folder / "sources" / name, frozenset())
    package = f"gansuite_{name.replace('-', '_')}"
    (folder / "sources" / name / package).rename(folder / package)
    info = folder / f"{package}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: gansuite-{name}\nVersion: 0.1.0\n")
    target = f"{package}.plugin:{name.replace('-', '_')}"
    (info / "entry_points.txt").write_text(f"[gansuite.plugins]\n{name} = {target}\n")


def start(*words: str) -> float:
    """Run the installed command; seconds."""
    script = Path(sys.executable).with_name("gansuite")
    begun = time.perf_counter()
    subprocess.run([script, *words], capture_output=True, check=True)
    return time.perf_counter() - begun


def imported(*words: str) -> dict[str, Any]:
    """Return what the command line imports."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED.format(arguments=list(words))],
        capture_output=True,
        text=True,
        check=True,
    )
    packages, count = json.loads(done.stderr.splitlines()[-1])
    return {"packages": packages, "count": count}


if __name__ == "__main__":
    main()
