"""What is installed is what the repository holds, and no more."""

from __future__ import annotations

import tarfile
import tomllib
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from packages import Built

from gansuite.data.cards import cards
from gansuite.registry import announcements


@pytest.fixture(scope="module")
def wheel(built: Built) -> zipfile.ZipFile:
    return zipfile.ZipFile(built.wheel)


def packaged(repository: Path) -> dict[str, str]:
    """Where the files of the core and the plugins lie in the tree, by where they are installed."""
    roots = [repository / "gansuite", *(repository / "plugins").glob("gansuite_*")]
    files = [(root.parent, file) for root in roots for file in root.rglob("*") if file.is_file()]
    return {
        str(file.relative_to(parent)): str(file.relative_to(repository))
        for parent, file in files
        if file.suffix != ".pyc"
    }


def test_the_wheel_has_every_file_of_the_core_and_the_plugins(
    wheel: zipfile.ZipFile, repository: Path
) -> None:
    files = packaged(repository).keys()
    assert {"gansuite/scaffold/templates/domain.py.tmpl", "gansuite_music/py.typed"} <= files
    assert sorted(files - set(wheel.namelist())) == []


def test_the_wheel_has_every_data_set_card(wheel: zipfile.ZipFile, repository: Path) -> None:
    cards = {f"gansuite/_cards/{file.name}" for file in (repository / "datasets").glob("*.toml")}
    assert cards
    assert cards == {name for name in wheel.namelist() if name.endswith(".toml")}


def test_the_wheel_adds_no_other_top_level_package(wheel: zipfile.ZipFile) -> None:
    top = {name.split("/")[0] for name in wheel.namelist() if ".dist-info" not in name}
    assert all(name.startswith("gansuite") for name in top), top


def test_the_sdist_has_what_the_wheel_is_made_of_and_nothing_else(built: Built, repository: Path) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {one.name.partition("/")[2] for one in archive if not one.isdir()}
    made = {name for name in names if ".egg-info/" in name} | {"PKG-INFO", "setup.cfg"}
    cards = {f"datasets/{file.name}" for file in (repository / "datasets").glob("*.toml")}
    files = {"LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.py"}
    assert names - made == set(packaged(repository).values()) | cards | files


def test_the_sdist_makes_the_same_wheel(built: Built) -> None:
    both = [contents(path) for path in (built.wheel, built.wheel_of_sdist)]
    assert both[0].keys() == both[1].keys()
    assert [name for name, content in both[0].items() if both[1][name] != content] == []


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


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
