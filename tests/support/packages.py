"""What the repository builds, from a copy of the files that git knows: nothing is left in the source tree."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Built:
    """What is installed from.

    Attributes:
        wheel: made of the tree.
        sdist: made of the tree.
        wheel_of_sdist: made of the sdist, unpacked, alone.
    """

    wheel: Path
    sdist: Path
    wheel_of_sdist: Path


def build_in(folder: Path, repository: Path) -> Built:
    """Build in a folder, or return what was built there."""
    finished = folder / "finished"
    if not finished.exists():
        source = folder / "source"
        copy_tracked(repository, source)
        _build(source, folder / "tree", "--wheel", "--sdist")
        with tarfile.open(_only(folder / "tree", "*.tar.gz")) as archive:
            archive.extractall(folder / "unpacked", filter="data")
        _build(_only(folder / "unpacked", "*"), folder / "alone", "--wheel")
        finished.touch()
    return Built(
        wheel=_only(folder / "tree", "*.whl"),
        sdist=_only(folder / "tree", "*.tar.gz"),
        wheel_of_sdist=_only(folder / "alone", "*.whl"),
    )


def copy_tracked(source: Path, target: Path) -> Path:
    """Copy what git knows, or would, below a folder of the repository; returns the copy."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=source, capture_output=True, check=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        original, copy = source / name, target / name
        if original.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(original.read_bytes())
    return target


def _build(source: Path, target: Path, *what: str) -> None:
    command = [sys.executable, "-m", "build", *what, "--no-isolation", "--outdir", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found
