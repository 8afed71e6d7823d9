"""A folder to type `gansuite` in, and a run in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sites import Site

from shell import Done, Shell, Type


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Shell:
    return Shell(tmp_path_factory.mktemp("shell"), repository)


@pytest.fixture(scope="module")
def trained(shell: Shell) -> Done:
    """The run `first`, trained for six steps."""
    sets = ["--set", "training.checkpoint_every=3", "--set", "training.report_every=2"]
    return shell.run("train", "ring", "--steps", "6", "--seed", "3", "--out", "first", *sets, "--json")


@pytest.fixture
def gansuite(site: Site, tmp_path: Path) -> Type:
    """Run ``gansuite`` with arguments in an empty folder; the plugin ``good`` is installed."""
    site.install_plugin("good")
    work = tmp_path / "work"
    work.mkdir()

    def run(*arguments: str, code: int = 0, **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "gansuite", *arguments],
            cwd=work, env={**site.environment, **environment}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert ("Traceback" in done.stderr) == ("-v" in arguments and code != 0)
        return done

    return run
