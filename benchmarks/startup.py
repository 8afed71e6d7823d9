"""How long the command line takes before it does anything.

    python benchmarks/startup.py [--processes N] [--append] [--quick]

Wall time of `gansuite --help` and `gansuite plugins list`, each in a fresh process: the median of ten
(promised: at most 0.3 s). `modules` are the packages that a process has imported by then, Python's own left
out, and how many modules in all.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from results import Figure, options, parse, publish

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
    parser = options(__doc__)
    parser.add_argument("--processes", type=int, default=10, help="how many processes for each command")
    arguments = parse(parser)
    figures, details = [], {}
    for words in COMMANDS:
        command = f"gansuite {' '.join(words)}"
        seconds = [start(*words) for _ in range(2 if arguments.quick else arguments.processes)]
        figures.append(Figure(name=f"`{command}`, wall time", value=median(seconds), unit="s", at_most=0.3))
        details[command] = {"seconds": [round(one, 3) for one in seconds], "modules": imported(*words)}
    publish(arguments, figures, details)


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
