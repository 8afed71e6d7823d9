"""What README says can be typed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
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


@pytest.mark.parametrize("words", [words for words in VERBS if words not in CHEAP], ids=" ".join)
def test_options_of_the_other_commands_exist(words: list[str]) -> None:
    verb = words[1:3] if words[1] in ("plugins", "datasets") else words[1:2]
    done = gansuite(*verb, "--help")
    assert done.returncode == 0, done.stderr
    described = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", done.stdout))
    used = {word for word in words if word.startswith("-")}
    assert used <= described


def settings_of_plugins() -> dict[str, list[str]]:
    """What README assigns: to the plugin that is trained, or that the run was trained with before."""
    runs: dict[str, str] = {}
    assigned: dict[str, list[str]] = {}
    for words in VERBS:
        plugin = words[2] if words[1] == "train" else next((runs[one] for one in words if one in runs), "")
        if "--out" in words:
            runs[words[words.index("--out") + 1]] = plugin
        given = [after for before, after in pairwise(words) if before == "--set"]
        if given:
            assigned.setdefault(plugin, []).extend(given)
    return assigned


def test_settings_that_readme_sets_exist(tmp_path: Path) -> None:
    plugins = settings_of_plugins()
    assert {"musegan", "sngan", "cgan"} <= plugins.keys()
    for plugin, assigned in plugins.items():
        options = [option for word in assigned for option in ("--set", word)]
        done = gansuite("train", plugin, "--dry-run", *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr


def test_all_commands_are_known_ones() -> None:
    for words in COMMANDS:
        script = REPOSITORY / words[0]
        assert words[0] == "gansuite" or (script.is_file() and os.access(script, os.X_OK)), words


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
    offered = set(re.findall(r'^        "(\w+)": \[', (REPOSITORY / "setup.py").read_text("utf-8"), re.M))
    assert named
    assert named <= offered


def test_exit_codes_are_those_of_the_errors() -> None:
    from gansuite import errors

    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type)}
    said = re.search(r"Exit codes: (.*?)\.\n", README, re.DOTALL)
    assert said is not None
    assert {int(code) for code in re.findall(r"\b\d+\b", said[1])} == codes | {0}
