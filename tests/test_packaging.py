"""What is installed is what the repository holds, and no more."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from gansuite.data.cards import cards
from gansuite.registry import announcements


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from a copy of the tracked files, so that nothing is left in the source tree."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        original, copy = repository / name, source / name
        if original.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(original.read_bytes())
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(source)]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(target.glob("*.whl")))


def test_the_wheel_has_every_module_of_the_core_and_the_plugins(
    wheel: zipfile.ZipFile, repository: Path
) -> None:
    roots = [repository / "gansuite", *(repository / "plugins").glob("gansuite_*")]
    modules = {str(file.relative_to(root.parent)) for root in roots for file in root.rglob("*.py")}
    assert len(modules) > 10
    assert modules <= set(wheel.namelist())


def test_the_wheel_has_every_data_set_card(wheel: zipfile.ZipFile, repository: Path) -> None:
    cards = {f"gansuite/_cards/{file.name}" for file in (repository / "datasets").glob("*.toml")}
    assert cards
    assert cards == {name for name in wheel.namelist() if name.endswith(".toml")}


def test_the_wheel_has_types_and_style_sheet(wheel: zipfile.ZipFile) -> None:
    assert {"gansuite/py.typed", "gansuite_music/py.typed", "gansuite/reporting/report.css"} <= set(
        wheel.namelist()
    )


def test_the_wheel_adds_no_other_top_level_package(wheel: zipfile.ZipFile) -> None:
    top = {name.split("/")[0] for name in wheel.namelist() if ".dist-info" not in name}
    assert all(name.startswith("gansuite") for name in top), top


def test_the_plugins_of_this_repository_are_registered() -> None:
    registered = {entry.name: entry.value for entry in entry_points(group="gansuite.plugins")}
    assert (
        registered.items()
        >= {
            "musegan": "gansuite_music.plugin:musegan",
            "dcgan": "gansuite_image.plugin:dcgan",
        }.items()
    )


def test_every_dependency_has_a_lower_and_an_upper_bound(wheel: zipfile.ZipFile) -> None:
    metadata = next(name for name in wheel.namelist() if name.endswith("METADATA"))
    lines = wheel.read(metadata).decode().splitlines()
    required = [line for line in lines if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert len(required) > 5
    assert all(">=" in line and "<" in line for line in required), required


def test_every_warning_filter_names_where_it_comes_from(repository: Path) -> None:
    settings = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    first, *others = settings["tool"]["pytest"]["ini_options"]["filterwarnings"]
    assert first == "error"
    assert all(rule.startswith("ignore:") and len(rule.split(":")) >= 3 for rule in others)


def test_every_data_set_is_read_by_the_plugins_it_has_settings_for() -> None:
    ours = [one.plugin for one in announcements() if one.distribution == "gansuite"]
    known = {plugin.name: plugin.reads for plugin in ours if plugin is not None}
    assert {kind for reads in known.values() for kind in reads} == {one.holds for one in cards().values()}
    for one in cards().values():
        assert [name for name in one.settings if one.holds not in known[name]] == []
