"""What docs/ gives people to start workers with does start them, with commands that exist."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from gansuite.cli.train import train
from gansuite.training.cluster import find_cluster

CLUSTERS = (Path(__file__).resolve().parents[1] / "docs" / "clusters.md").read_text("utf-8")
SLURM, KUBERNETES = re.findall(r"```sh\n(.*?)```", CLUSTERS, re.DOTALL)


@pytest.fixture
def commands(tmp_path: Path) -> dict[str, str]:
    """An environment in which `gansuite` says how it was called, and `srun` runs what it is given."""
    for name, text in (("gansuite", 'echo "$TF_CONFIG"; printf "%s\\n" "$@"'), ("srun", '"$@"')):
        (tmp_path / name).write_text(f"#!/bin/bash\n{text}\n")
        (tmp_path / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    return {**kept, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}


def called(script: str, environment: dict[str, str]) -> tuple[str, list[str]]:
    """TF_CONFIG and the words of the command line that a script calls gansuite with."""
    done = subprocess.run(
        ["bash", "-euc", script], env=environment, capture_output=True, text=True, check=True
    )
    config, *words = done.stdout.splitlines()
    return config, words


@pytest.mark.parametrize("began", [False, True])
def test_slurm_begins_a_run_and_goes_on_with_it(
    tmp_path: Path, commands: dict[str, str], began: bool
) -> None:
    run = tmp_path / "run"
    if began:
        run.mkdir()
        (run / "config.toml").touch()
    _, words = called(SLURM, {**commands, "RUN": str(run), "DATA": "digits", "TF_CONFIG": "none"})
    expected = ["--resume", str(run)] if began else ["dcgan", "--data", "digits", "--out", str(run)]
    assert words == ["train", *expected, "--strategy", "multiworker"]


@pytest.mark.parametrize("index", [0, 1])
def test_each_pod_knows_who_it_is(commands: dict[str, str], index: int) -> None:
    config, words = called(KUBERNETES, {**commands, "JOB_COMPLETION_INDEX": str(index)})
    cluster = find_cluster({"TF_CONFIG": config})
    assert cluster.index == index
    assert cluster.addresses == ("gansuite-0.gansuite:2222", "gansuite-1.gansuite:2222")
    assert words[:2] == ["train", "dcgan"]


@pytest.mark.parametrize("script", [SLURM, KUBERNETES])
def test_their_options_exist(script: str) -> None:
    described = CliRunner().invoke(train, ["--help"]).output
    used = {
        word
        for line in script.splitlines()
        if "gansuite train" in line
        for word in re.findall(r"--\w+", line)
    }
    assert used
    assert all(word in described for word in used)
