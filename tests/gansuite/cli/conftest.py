"""A folder to type `gansuite` in, and a run in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shell import Done, Shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Shell:
    return Shell(tmp_path_factory.mktemp("shell"), repository)


@pytest.fixture(scope="module")
def trained(shell: Shell) -> Done:
    """The run `first`, trained for six steps."""
    sets = ["--set", "training.checkpoint_every=3", "--set", "training.report_every=2"]
    return shell.run("train", "ring", "--steps", "6", "--seed", "3", "--out", "first", *sets, "--json")
