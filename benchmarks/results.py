"""What every benchmark shares: its options, its JSON, and its rows in RESULTS.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gansuite.backend import choose_backend

choose_backend()  # before TensorFlow is imported, as on the command line

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
#: Real data for benchmarks; each folder can be named on the command line.
SHARED_DATA = Path(os.environ.get("GANSUITE_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
RESULTS = HERE / "RESULTS.md"
#: What figures depend on.
CODE = ("gansuite", "plugins", "datasets", "setup.py", "benchmarks/*.py", "benchmarks/*/*.py")
PACKAGES = ("tensorflow", "keras", "numpy")
#: What makes convolutions faster, as Linux calls it and as people do.
SETS = {"amx_bf16": "AMX", "avx512_bf16": "AVX512-BF16"}
#: What four decimals would show too little of.
SMALL = 1e-3
#: Where Linux counts what its processors did, in ticks.
TICKS = Path("/proc/stat")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured number, and what is promised of it.

    Args:
        name: what was measured.
        value: in `unit`.
        unit: "s", "x", "%"; empty for a plain number.
        at_most, at_least: the promise; one of them, or none where nothing is promised.
        seeds: of what is random; "-" where nothing is.
    """

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    seeds: str = "-"

    @property
    def promise(self) -> str:
        """The promise in words, "-" where there is none."""
        if self.at_most is not None:
            return f"at most {self._text(self.at_most)}"
        return "-" if self.at_least is None else f"at least {self._text(self.at_least)}"

    @property
    def holds(self) -> bool | None:
        """Whether the promise is kept; None where there is none."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return None if self.at_least is None else self.value >= self.at_least

    @property
    def text(self) -> str:
        """The value with its unit."""
        return self._text(self.value)

    def mapping(self) -> dict[str, Any]:
        """Everything, in a form JSON can hold."""
        return {
            "name": self.name, "value": float(f"{self.value:.6g}"), "unit": self.unit,
            "promise": self.promise, "holds": self.holds,
        }  # fmt: skip

    def _text(self, value: float) -> str:
        number = f"{round(value, 4):g}" if abs(value) >= SMALL or not value else f"{value:.2g}"
        return f"{number}{' ' if self.unit.isalpha() and self.unit != 'x' else ''}{self.unit}"


def options(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options of every benchmark: `--append` and `--quick`."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--append", action="store_true", help="add rows with the figures to RESULTS.md")
    parser.add_argument(
        "--quick", action="store_true", help="see whether it runs, in little time; its figures mean nothing"
    )
    return parser


def parse(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Read the command line; figures of a quick run are not for RESULTS.md."""
    arguments = parser.parse_args()
    if arguments.append and arguments.quick:
        parser.error("--quick gives no figures to --append")
    return arguments


def publish(arguments: argparse.Namespace, figures: Sequence[Figure], details: Mapping[str, Any]) -> None:
    """Print figures and details as one JSON object and, with `--append`, add rows to RESULTS.md."""
    result = {"figures": [figure.mapping() for figure in figures], **details, "quick": arguments.quick}
    print(json.dumps(result))
    if arguments.append:
        append(figures, RESULTS)


def append(figures: Sequence[Figure], path: Path) -> None:
    """Add a row for each figure to a table, with everything needed to measure it again."""
    words = [word for word in without_option(sys.argv[1:], "--out") if word != "--append"]
    program = Path(sys.argv[0]).resolve().relative_to(REPOSITORY)
    command = shlex.join(["python", str(program), *words])
    date = datetime.now(UTC).date().isoformat()
    facts = [f"`{command}`", date, commit(), machine(), versions()]
    rows = [[figure.name, figure.text, figure.promise, *facts, figure.seeds] for figure in figures]
    lines = "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in rows)
    path.write_text(path.read_text("utf-8").rstrip("\n") + "\n" + lines, "utf-8")


def without_option(words: Sequence[str], option: str) -> list[str]:
    """Leave an option and its value out of a command line: where runs were kept is nobody's concern."""
    kept = [word for word in words if not word.startswith(f"{option}=")]
    if option in kept:
        at = kept.index(option)
        del kept[at : at + 2]
    return kept


def commit() -> str:
    """Return the commit that is checked out, with "+" where code differs from it."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", *CODE)
    return (_git("rev-parse", "--short", "HEAD") or "unknown") + ("+" if changed else "")


def machine() -> str:
    """Return processor, cores, memory, accelerators, and what other machines took of the processor."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    facts = [_processor(), f"{cores} cores", f"{memory:.0f} GiB", _accelerators()]
    share = stolen(_BEGUN, _ticks())
    if share >= 0.01:
        facts.append(f"{share:.0%} of its time taken by others")
    return ", ".join(facts)


def stolen(before: Sequence[int], after: Sequence[int]) -> float:
    """Return which part of the time that processors were wanted here they worked for other virtual machines.

    Args:
        before, after: the ticks on the first line of `TICKS`; nothing where there are none.
    """
    spent = [late - early for early, late in zip(before, after, strict=True)]
    if len(spent) < 8:
        return 0.0
    user, nice, system, _idle, _waiting, interrupts, soft, taken = spent[:8]
    wanted = user + nice + system + interrupts + soft + taken
    return taken / wanted if wanted else 0.0


def _ticks() -> list[int]:
    try:
        return [int(number) for number in TICKS.read_text().split("\n", 1)[0].split()[1:]]
    except (OSError, ValueError):
        return []


_BEGUN = _ticks()


def versions() -> str:
    """Return the versions of Python and of what does the arithmetic."""
    return ", ".join([f"Python {platform.python_version()}", *map(_version, PACKAGES)])


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = set(facts.get("flags", "").split())
    # Clouds give one name to processors of several generations.
    sets = [name for flag, name in SETS.items() if flag in flags]
    return " with ".join([facts.get("model name", platform.machine()), *[" and ".join(sets)] * bool(sets)])


def _accelerators() -> str:
    if "tensorflow" not in sys.modules:
        return "no accelerator used"
    import tensorflow as tf

    gpus = [
        tf.config.experimental.get_device_details(device).get("device_name", "GPU")
        for device in tf.config.list_physical_devices("GPU")
    ]
    return ", ".join(gpus) or "no accelerator"


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} missing"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
