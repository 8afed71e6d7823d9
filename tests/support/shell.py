"""A folder in which people type `gansuite`, with plugins `ring`, `failing`, `interrupted` and `silent`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from warm import warm

ANNOUNCEMENT = """
from gansuite.plugin import Plugin

ring = Plugin(
    name="ring", summary="Points on a ring", config="ring_settings:Ring", domain="ring:RingDomain"
)
failing = Plugin(
    name="failing",
    summary="A broken one",
    config="ring_settings:Ring",
    domain="ring_plugins.broken:Failing",
)
interrupted = Plugin(
    name="interrupted",
    summary="One that is interrupted while it makes a class",
    config="ring_settings:Ring",
    domain="ring_plugins.broken:Interrupted",
)
silent = Plugin(
    name="silent",
    summary="One that does not say what it wrote",
    config="ring_settings:Ring",
    domain="ring_plugins.silent:Silent",
)
"""
SILENT = """
from ring import RingDomain


class Silent(RingDomain):
    def render(self, outputs, folder, names):
        super().render(outputs, folder, names)
"""
BROKEN = """
class Failing:
    def __init__(self, config):
        raise SystemExit(0)


class Interrupted:
    def __init__(self, config):
        exec("raise KeyboardInterrupt")
"""
ENTRY_POINTS = """
[gansuite.plugins]
ring = ring_plugins:ring
failing = ring_plugins:failing
interrupted = ring_plugins:interrupted
silent = ring_plugins:silent
"""

Done = subprocess.CompletedProcess[str]
#: `gansuite` with arguments, by fixture.
Type = Callable[..., Done]


class Shell:
    """A working folder in which `gansuite` knows the plugins.

    Args:
        folder: the working folder.
        repository: the root of the source tree.
    """

    def __init__(self, folder: Path, repository: Path) -> None:
        site = folder / "site"
        for path, text in {
            "ring_plugins/__init__.py": ANNOUNCEMENT,
            "ring_plugins/broken.py": BROKEN,
            "ring_plugins/silent.py": SILENT,
            "ring_dist-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: ring-dist\nVersion: 1.0\n",
            "ring_dist-1.0.dist-info/entry_points.txt": ENTRY_POINTS,
        }.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(text)
        self.folder = folder
        paths = [str(site), str(repository / "tests" / "support"), *sys.path]
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}

    def start(self, *arguments: str, begin: Sequence[str] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*(begin or warm()), *arguments],
            cwd=self.folder, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, code: int = 0, begin: Sequence[str] | None = None) -> Done:
        process = self.start(*arguments, begin=begin)
        out, err = process.communicate(timeout=300)
        assert process.returncode == code, err
        assert "Traceback" not in err
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not true():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.1)


def files_of(done: Done) -> Sequence[str]:
    return done.stdout.splitlines()
