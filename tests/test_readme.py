"""What README promises of itself; `test_documentation` runs its commands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
README = (REPOSITORY / "README.md").read_text("utf-8")
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "benchmarks/RESULTS.md",
    "docs/clusters.md",
    "docs/serving.md",
)

COMMANDS = [
    shlex.split(line, comments=True)
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
VERBS = [words for words in COMMANDS if words[0] == "gansuite"]
# These train nothing, fetch nothing and need no run.
CHEAP = [words for words in VERBS if words[1:2] == ["config"] or words[2:3] in (["list"], ["info"])]


def gansuite(*words: str, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-c", "import sys; from gansuite.cli import main; sys.exit(main())", *words]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)


def test_readme_opens_with_one_command_for_music_and_one_for_the_tests() -> None:
    assert COMMANDS[:2] == [["scripts/music.sh"], ["scripts/test.sh"]]


@pytest.mark.parametrize("words", CHEAP, ids=" ".join)
def test_commands_that_only_show_something_do(words: list[str], tmp_path: Path) -> None:
    done = gansuite(*words[1:], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_all_commands_are_known_ones() -> None:
    for words in COMMANDS:
        script = REPOSITORY / words[0]
        assert words[0] in ("gansuite", "srun") or (script.is_file() and os.access(script, os.X_OK)), words


def test_ci_runs_nothing_that_readme_does_not_say() -> None:
    ran = re.findall(r"scripts/[a-z]+\.sh", (REPOSITORY / ".ci/run").read_text("utf-8"))
    assert "scripts/test.sh" in ran
    assert all([script] in COMMANDS for script in ran)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    file = REPOSITORY / document
    targets = re.findall(r"\]\(([^)#]+)\)", file.read_text("utf-8"))
    local = [target for target in targets if "://" not in target]
    assert all((file.parent / target).exists() for target in local), local


def test_extras_that_readme_names_exist() -> None:
    named = set(re.findall(r"'\.\[(\w+)\]'", README))
    setup = (REPOSITORY / "setup.py").read_text("utf-8")
    offered = set(re.findall(r'^        "(\w+)": [\[A-Z]', setup, re.MULTILINE))
    assert named
    assert named <= offered


def test_exit_codes_are_those_of_the_errors() -> None:
    from gansuite import errors

    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type)}
    said = re.search(r"Exit codes: (.*?)\.\n", README, re.DOTALL)
    assert said is not None
    assert {int(code) for code in re.findall(r"\b\d+\b", said[1])} == codes | {0}
