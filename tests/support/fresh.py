"""A new virtual environment, with what would be downloaded taken from the one that runs the tests."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path
from zipfile import Path as ZipPath

from packaging.requirements import Requirement

#: What `python -m venv` and tests of a plugin would download.
TOOLS = ("pip", "setuptools", "pytest")
#: What would make a process look elsewhere than in its own environment.
ELSEWHERE = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "GANSUITE_", "PYTEST_", "PIP_", "COVERAGE_")


class Environment:
    """A folder, empty at first, where commands are typed; its environment is to be at `env`.

    Args:
        folder: exists.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, command: str, folder: Path | None = None) -> subprocess.Popen[str]:
        """Start a command there, or in another folder, without what leads elsewhere or to a network."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ELSEWHERE)}
        own = {"PYTHONNOUSERSITE": "1", "GANSUITE_HOME": str(self.folder / "home")}
        offline = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_CONFIG_FILE": os.devnull}
        return subprocess.Popen(
            shlex.split(command), cwd=folder or self.folder, env={**kept, **own, **offline},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def done(self, command: str) -> str:
        """Run a command that is to end well; what it printed."""
        return finish(self.begin(command))

    def download(self, wheel: Path) -> None:
        """Show it what a wheel requires, and what installs and tests: those distributions and no others."""
        shown = self.folder / "downloaded"
        shown.mkdir()
        (metadata,) = (one for one in ZipPath(wheel).iterdir() if one.name.endswith(".dist-info"))
        wanted = [*(PathDistribution(metadata).requires or ()), *TOOLS]
        for one in required(wanted):
            for name in top_level(one):
                link = shown / name
                if not link.exists():
                    link.symlink_to(Path(str(one.locate_file(name))).resolve())
        (site,) = self.folder.glob("env/lib/python*/site-packages")
        (site / "downloaded.pth").write_text(f"{shown}\n")


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a command that is to end well; what it printed."""
    with process:
        printed, said = process.communicate(timeout=600)
    assert process.returncode == 0, f"{process.args}\n{printed}\n{said}"
    return printed


def required(texts: Sequence[str]) -> Iterator[Distribution]:
    """Find what fulfils some requirements, and their requirements, in the environment of the tests."""
    waiting, seen = [(text, "") for text in texts], set()
    while waiting:
        text, extra = waiting.pop()
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        for wanted in ("", *requirement.extras):
            key = (requirement.name.lower().replace("_", "-"), wanted)
            if key not in seen:
                seen.add(key)
                found = distribution(requirement.name)
                waiting += [(one, wanted) for one in found.requires or ()]
                yield found


def top_level(one: Distribution) -> set[str]:
    """Return the files and folders of a distribution, but for what Python runs when it starts."""
    first = {file.parts[0] for file in one.files or ()}
    return {name for name in first if name not in ("..", "__pycache__") and not name.endswith(".pth")}
