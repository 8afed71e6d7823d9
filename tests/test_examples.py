"""Plugins of others: from an empty folder to a served model, and a whole one, installed from wheels alone."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fresh import Environment, finish
from packages import Built, copy_tracked

#: As long as a plugin may be that does all that one can, tests aside.
LINES = 250
# Without asking an index for what is installed.
INSTALL = "env/bin/python -m pip install --no-build-isolation"
SMALL = "--preset small --steps 4 --batch-size 16"


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What was typed in an empty folder, and what was printed."""

    environment: Environment
    commands: list[str]
    printed: list[str]


@pytest.fixture(scope="module")
def journey(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """From an empty folder to an exported plugin of one's own."""
    environment = Environment(tmp_path_factory.mktemp("empty"))
    commands = [
        f"{shlex.quote(sys.executable)} -m venv --without-pip env",
        f"env/bin/python -m pip install {built.wheel}",
        "env/bin/gansuite plugins new two-arms",
        f"{INSTALL} ./two-arms",
        "env/bin/gansuite train two-arms --preset small --steps 20 --out run",
        "env/bin/gansuite export run served",
    ]
    printed = [environment.done(commands[0])]
    environment.download(built.wheel)
    return Journey(
        environment=environment,
        commands=commands,
        printed=[*printed, *(environment.done(command) for command in commands[1:])],
    )


def test_six_commands_lead_from_an_empty_folder_to_an_exported_plugin(journey: Journey) -> None:
    assert len(journey.commands) <= 6
    served = journey.environment.folder / "served" / "two-arms" / "1"
    assert (served / "saved_model.pb").is_file()
    assert str(served.relative_to(journey.environment.folder)) in journey.printed[-1]


def test_nothing_of_the_source_tree_is_within_reach(journey: Journey, repository: Path) -> None:
    program = (
        "import sys, gansuite, gansuite_image, gansuite_two_arms, importlib.metadata as metadata;"
        "print(*(one.__file__ for one in (gansuite, gansuite_image, gansuite_two_arms)), sep='\\n');"
        "print(len([one for one in metadata.distributions() if one.name == 'gansuite']));"
        "print(*sys.path, sep='\\n')"
    )
    *files, count, rest = journey.environment.done(f"env/bin/python -c {shlex.quote(program)}").split("\n", 4)
    assert all(Path(file).is_relative_to(journey.environment.folder / "env") for file in files), files
    assert count == "1"
    assert str(repository) not in rest
    installed = journey.environment.folder.glob("env/lib/python*/site-packages/*")
    assert [one for one in installed if "__editable__" in one.name] == []


def test_what_is_installed_fits_together(journey: Journey) -> None:
    assert "No broken requirements found" in journey.environment.done("env/bin/python -m pip check")


@pytest.fixture(scope="module")
def testing(journey: Journey, repository: Path) -> Iterator[subprocess.Popen[str]]:
    """The tests of the example, installed from a copy: under way, as they leave a core to others."""
    environment = journey.environment
    copy = copy_tracked(repository / "examples" / "gansuite-bigan", environment.folder / "gansuite-bigan")
    environment.done(f"{INSTALL} ./gansuite-bigan")
    # Without its folder on the path: what is tested is what was installed.
    process = environment.begin("../env/bin/python -P -m pytest -q -p no:cacheprovider", copy)
    yield process
    process.kill()


@pytest.mark.usefixtures("testing")
def test_the_example_does_all_that_a_plugin_can(journey: Journey) -> None:
    done = journey.environment.done
    listed = done("env/bin/gansuite plugins list")
    assert "gansuite-bigan 0.1.0" in listed
    assert "reconstruct" in done("env/bin/gansuite --help")
    done(f"env/bin/gansuite train bigan {SMALL} --cycle 0.5 --out pairs")
    grid = next((journey.environment.folder / "pairs" / "samples").glob("step-*/*.png"))
    made = done(f"env/bin/gansuite reconstruct pairs {grid} -o again").splitlines()
    assert [(journey.environment.folder / line).is_file() for line in made] == [True]
    assert "bigan" in done("env/bin/gansuite export pairs served")


def test_the_example_passes_its_own_tests(testing: subprocess.Popen[str]) -> None:
    assert re.search(r"^4 passed\b", finish(testing), re.MULTILINE)


def test_the_example_is_short_and_asks_the_core_alone(repository: Path) -> None:
    package = repository / "examples" / "gansuite-bigan" / "gansuite_bigan"
    lines = [line for file in package.glob("*.py") for line in file.read_text("utf-8").splitlines()]
    imported = [line.split()[1].partition(".")[0] for line in lines if line.startswith(("from ", "import "))]
    assert {name for name in imported if "gansuite" in name} == {"gansuite", "gansuite_bigan"}
    assert len([line for line in lines if line.strip()]) <= LINES
