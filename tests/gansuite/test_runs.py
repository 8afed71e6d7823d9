"""A run directory belongs to one run, one plugin and one process at a time."""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from gansuite.config import setting, to_toml
from gansuite.errors import ConfigError, RunError
from gansuite.runs import Run, refuse_used, unwritable

HOLD = """
import sys
from pathlib import Path
from gansuite.runs import Run
with Run.open(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True, kw_only=True)
class Config:
    width: int = setting(8, minimum=1, help="How wide.")


def text(width: int = 8, plugin: str = "good", api: int = 1) -> str:
    return to_toml(Config(width=width), header={"plugin": plugin, "api": api})


def test_a_run_is_opened_with_what_it_was_made_with(tmp_path: Path) -> None:
    made = Run.create(tmp_path / "run", "good", text(3))
    opened = Run.open(tmp_path / "run")
    assert opened == made
    assert opened.plugin == "good"
    assert opened.config(Config) == Config(width=3)


def test_a_run_gets_a_folder_of_its_own_below_the_plugins_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = [Run.create(None, "good", text()).path for _ in range(3)]
    assert len(set(paths)) == 3
    assert {path.parent for path in paths} == {Path("runs/good")}


@pytest.mark.parametrize(
    ("existing", "message"), [("config.toml", "already holds a run"), ("holiday.jpg", "is not empty")]
)
def test_a_folder_with_something_in_it_is_not_taken(tmp_path: Path, existing: str, message: str) -> None:
    (tmp_path / existing).write_text("mine")
    with pytest.raises(RunError, match=message):
        Run.create(tmp_path, "good", text())
    assert (tmp_path / existing).read_text() == "mine"


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(RunError, match=r"cannot be made|is not a folder"):
            Run.create(path, "good", text())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is not a run directory: it has no config.toml"),
        ("width = 8\n", "is damaged: plugin or api is missing"),
        ("plugin = ", "config.toml: is not valid TOML"),
        (text(api=2), "is written for plugin interface 2"),
    ],
)
def test_what_is_not_a_run_directory_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "config.toml").write_text(content)
    with pytest.raises(RunError, match=message):
        Run.open(tmp_path)


def test_a_missing_run_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no such run directory"):
        Run.open(tmp_path / "run")


def test_folders_that_cannot_be_looked_into_are_refused(tmp_path: Path) -> None:
    # Nobody, not even root, gets into one of such a name.
    folder = tmp_path / ("x" * 300) / "run"
    for look in (Run.open, refuse_used):
        with pytest.raises(RunError, match="cannot be reached: File name too long"):
            look(folder)


def test_commands_that_are_named_can_be_typed_as_they_stand(tmp_path: Path) -> None:
    folder = tmp_path / "my runs"
    folder.mkdir()
    run = Run.create(folder / "it's", "good", text())
    quoted = shlex.quote(str(run.path))
    with pytest.raises(RunError) as used:
        refuse_used(run.path)
    told = [run.resuming, str(used.value), str(unwritable(run.metrics_file, OSError("full")))]
    assert all(f"gansuite train --resume {quoted}" in one for one in told)


def test_settings_the_plugin_no_longer_accepts_are_named_with_the_runs_file(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", "good", text() + "widht = 3\n")
    with pytest.raises(ConfigError, match=r"widht \(.*run/config.toml\): no such setting"):
        run.config(Config)


def test_a_run_that_another_process_has_is_refused_until_that_is_gone(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", "good", text())
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(run.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunError, match="is in use by another process"), run.locked():
            pass
        holder.kill()
    with run.locked():
        pass


def test_a_process_may_lock_its_run_again(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", "good", text())
    with run.locked():
        with Run.open(run.path).locked():
            pass
        refused = subprocess.run([sys.executable, "-c", HOLD, str(run.path)], capture_output=True, text=True)
        assert "is in use by another process" in refused.stderr


def test_the_settings_of_a_run_can_be_replaced(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", "good", text())
    run.rewrite_config(text(5))
    assert Run.open(run.path).config(Config) == Config(width=5)


def test_a_run_that_is_discarded_leaves_what_others_put_there(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", "good", text())
    for name in ("environment.json", "samples/step-00000000/a.png", "tensorboard/events.out.tfevents.1"):
        (run.path / name).parent.mkdir(parents=True, exist_ok=True)
        (run.path / name).write_text("made")
    run.checkpoints.mkdir()
    mine = [run.path / "notes.txt", run.samples / "mine.png"]
    for file in mine:
        file.write_text("mine")
    run.discard()
    assert sorted(path for path in run.path.rglob("*") if path.is_file()) == mine
    for file in mine:
        file.unlink()
    run.discard()
    assert not run.path.exists()
