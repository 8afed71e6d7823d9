"""What `gansuite plugins new` writes is a plugin: it installs, trains and passes tests of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gansuite.cli.group import VERBS
from gansuite.errors import UsageError
from gansuite.scaffold import scaffold


def command(*words: str, cwd: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    paths = [*([] if path is None else [str(path)]), *sys.path]
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=cwd, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True, text=True, timeout=400,
    )  # fmt: skip


def test_a_new_plugin_installs_and_passes_its_own_tests(tmp_path: Path) -> None:
    made = command("gansuite", "plugins", "new", "two-arms", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "gansuite train two-arms" in made.stderr
    assert all((tmp_path / line).is_file() for line in made.stdout.splitlines())
    site, folder = tmp_path / "site", tmp_path / "two-arms"
    # Without asking an index for what is installed.
    options = ["--no-build-isolation", "--no-deps", "--no-index", "--quiet"]
    installed = command("pip", "install", *options, "--target", str(site), str(folder), cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    listed = command("gansuite", "plugins", "list", cwd=tmp_path, path=site)
    assert "two-arms  Points of a spiral from noise" in listed.stdout
    tested = command("pytest", "-q", "-p", "no:cacheprovider", cwd=folder, path=site)
    assert tested.returncode == 0, tested.stdout
    assert "4 passed" in tested.stdout
    doctor = command("gansuite", "plugins", "doctor", "two-arms", cwd=tmp_path, path=site)
    assert doctor.returncode == 0, doctor.stdout


@pytest.mark.parametrize(
    "name", ["", "Upper", "1st", "a b", "../a", "a/b", "import", "train", "dcgan", "music", "a-", "x" * 49]
)
def test_names_that_cannot_be_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        scaffold(name, tmp_path / "made", frozenset([*VERBS, "dcgan"]))
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(UsageError, match="there is something already"):
        scaffold("dots", tmp_path, frozenset())
    with pytest.raises(UsageError, match="there is something already"):
        scaffold("dots", tmp_path / "mine", frozenset())
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_every_placeholder_is_filled(tmp_path: Path) -> None:
    files = scaffold("dots", tmp_path / "dots", frozenset())
    assert len(files) == 7
    assert [file for file in files if "$" in file.read_text()] == []


def test_a_figure_s_meaning_tells_of_what_is_learned(tmp_path: Path) -> None:
    text = "".join(file.read_text() for file in scaffold("dots", tmp_path / "dots", frozenset()))
    assert "the spiral is 1.8 wide" in text
    assert "circle" not in text
