"""From `train` to `report`, as a person goes through it: every verb a process of its own."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import grpc
import model_server
import prediction_server
import pytest

from warm import COLD, warm

ANNOUNCEMENT = """
from gansuite.plugin import Plugin

ring = Plugin(
    name="ring", summary="Points on a ring", config="ring_plugins.config:Config", domain="ring:RingDomain"
)
failing = Plugin(
    name="failing",
    summary="A broken one",
    config="ring_plugins.config:Config",
    domain="ring_plugins.broken:Failing",
)
interrupted = Plugin(
    name="interrupted",
    summary="One that is interrupted while it makes a class",
    config="ring_plugins.config:Config",
    domain="ring_plugins.broken:Interrupted",
)
"""
CONFIG = """
from dataclasses import dataclass

from gansuite.config import setting
from gansuite.settings import Training


@dataclass(frozen=True, kw_only=True)
class Config:
    training: Training = setting(Training(steps=20, batch_size=8), help="How it is trained.")
    rounds: int = setting(2, minimum=1, help="Critic updates a step.")
    warm_up: int = setting(0, minimum=0, help="Steps of a first phase.")
    wasserstein: bool = setting(False, help="Whether a Wasserstein critic plays.")
    blow_up_at: int = setting(-1, help="The step at which the critic's loss becomes infinite.")
    blow_up_alone: bool = setting(False, help="Whether that happens on the last device only.")
    slow_to_load: int = setting(0, help="Seconds that the data takes.")
    slow_to_draw: int = setting(0, help="Seconds that drawing takes after its file is written.")
    scale: float = setting(1.0, may_change=True, help="How large points are drawn.")
"""
BROKEN = """
class Failing:
    def __init__(self, config):
        raise SystemExit(0)


class Interrupted:
    def __init__(self, config):
        exec("raise KeyboardInterrupt")
"""
ENTRY_POINTS = """
[gansuite.plugins]
ring = ring_plugins:ring
failing = ring_plugins:failing
interrupted = ring_plugins:interrupted
"""

Done = subprocess.CompletedProcess[str]


class Shell:
    """A working folder in which `gansuite` knows the plugin `ring`."""

    def __init__(self, folder: Path, repository: Path) -> None:
        site = folder / "site"
        for path, text in {
            "ring_plugins/__init__.py": ANNOUNCEMENT,
            "ring_plugins/config.py": CONFIG,
            "ring_plugins/broken.py": BROKEN,
            "ring_dist-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: ring-dist\nVersion: 1.0\n",
            "ring_dist-1.0.dist-info/entry_points.txt": ENTRY_POINTS,
        }.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(text)
        self.folder = folder
        paths = [str(site), str(repository / "tests" / "support"), *sys.path]
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}

    def start(self, *arguments: str, begin: Sequence[str] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*(begin or warm()), *arguments],
            cwd=self.folder, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, code: int = 0, begin: Sequence[str] | None = None) -> Done:
        process = self.start(*arguments, begin=begin)
        out, err = process.communicate(timeout=300)
        assert process.returncode == code, err
        assert "Traceback" not in err
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Shell:
    return Shell(tmp_path_factory.mktemp("shell"), repository)


@pytest.fixture(scope="module")
def trained(shell: Shell) -> Done:
    """The run `first`, trained for six steps."""
    sets = ["--set", "training.checkpoint_every=3", "--set", "training.report_every=2"]
    return shell.run(
        "train", "ring", "--steps", "6", "--seed", "3", "--out", "first", *sets, "--json", begin=COLD
    )


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not true():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.1)


def test_training_says_where_the_run_is_and_what_comes_next(shell: Shell, trained: Done) -> None:
    said = json.loads(trained.stdout)
    assert (said["run"], said["plugin"], said["step"], said["reason"]) == ("first", "ring", 6, "done")
    assert said["next"] == "gansuite generate first"
    assert "training ring in first" in trained.stderr
    values = tomllib.loads((shell.folder / "first" / "config.toml").read_text())
    assert (values["plugin"], values["training"]["steps"], values["training"]["seed"]) == ("ring", 6, 3)


def test_nothing_but_what_concerns_the_run_is_printed(trained: Done) -> None:
    strange = [line for line in trained.stderr.splitlines() if "cuda" in line.lower() or "absl" in line]
    assert strange == []


def files_of(done: Done) -> Sequence[str]:
    return done.stdout.splitlines()


def test_generating_prints_the_files_it_wrote(shell: Shell, trained: Done) -> None:
    [inside] = files_of(shell.run("generate", "first", "-n", "3", "--seed", "5"))
    assert inside == "first/generated/seed-5-to-7/points.csv"
    [outside] = files_of(shell.run("generate", "first", "-n", "1", "--seed", "6", "-o", "out"))
    three, one = ((shell.folder / name).read_text().splitlines() for name in (inside, outside))
    assert len(three) == 3
    assert [float(x) for x in three[1].split(",")] == pytest.approx([float(x) for x in one[0].split(",")])


def test_evaluating_prints_a_table_or_json_and_keeps_it_with_the_run(
    shell: Shell,
    trained: Done,
) -> None:
    lines = shell.run("evaluate", "first", "-n", "16").stdout.splitlines()
    assert lines[0].split("  ")[0] == "figure"
    assert lines[1].startswith("radius")
    assert lines[1].endswith("mean distance from 0")
    said = json.loads(shell.run("evaluate", "first", "-n", "16", "--json").stdout)
    assert said == json.loads((shell.folder / "first" / "evaluation.json").read_text())
    assert [one["name"] for one in said["scores"]] == ["radius"]
    assert (said["step"], said["count"], said["data"]) == (6, 16, None)
    assert "mean distance from 0" in (shell.folder / files_of(shell.run("report", "first"))[0]).read_text()


def test_reporting_prints_the_page(shell: Shell, trained: Done) -> None:
    assert files_of(shell.run("report", "first")) == ["first/report.html"]
    assert "<svg" in (shell.folder / "first" / "report.html").read_text()


def test_a_folder_that_holds_a_run_is_not_trained_into_again(shell: Shell, trained: Done) -> None:
    done = shell.run("train", "ring", "--out", "first", code=2)
    assert "first: already holds a run\n  gansuite train --resume first" in done.stderr


def test_an_interrupted_run_can_be_gone_on_with_and_is_not_shared(shell: Shell) -> None:
    process = shell.start("train", "ring", "--steps", "100000000", "--out", "long", "-q")
    run = shell.folder / "long"
    wait_until(
        lambda: (run / "metrics.jsonl").is_file() and (run / "metrics.jsonl").stat().st_size > 0, process
    )
    done = shell.run("train", "--resume", "long", code=2)
    assert "long: is in use by another process" in done.stderr
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "long\n")
    assert "next: gansuite train --resume long" in err
    reached = int(err.partition("stopped at step ")[2].partition(",")[0])
    said = json.loads(shell.run("train", "--resume", "long", "--steps", str(reached + 5), "--json").stdout)
    assert said["step"] == reached + 5
    values = tomllib.loads((run / "config.toml").read_text())
    assert values["training"]["steps"] == reached + 5


ENDLESS = ("--steps", "100000000", "-q", "--set", "training.report_every=1")


def interrupted(
    shell: Shell, *arguments: str, until: Callable[[], bool], signals: Sequence[signal.Signals]
) -> Done:
    """What is said by a process that signals end, a tenth of a second apart, once something has happened."""
    process = shell.start(*arguments, begin=COLD)
    wait_until(until, process)
    for number in signals:
        process.send_signal(number)
        time.sleep(0.1)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def test_sigterm_writes_a_checkpoint_too(shell: Shell) -> None:
    run = shell.folder / "ended"
    arguments = ("train", "ring", "--out", "ended", *ENDLESS)
    done = interrupted(shell, *arguments, until=(run / "metrics.jsonl").exists, signals=[signal.SIGTERM])
    assert "after a checkpoint\n  next: gansuite train --resume ended" in done.stderr
    assert len(list((run / "checkpoints").iterdir())) == 1


def slow_copy(shell: Shell, name: str) -> Path:
    """The run `first` under another name; drawing takes it a minute."""
    run = shell.folder / name
    shutil.copytree(shell.folder / "first", run)
    config = (run / "config.toml").read_text()
    (run / "config.toml").write_text(config.replace("slow_to_draw = 0", "slow_to_draw = 60"))
    return run


def test_a_second_ctrl_c_ends_a_run_at_once_and_leaves_what_is_whole(shell: Shell, trained: Done) -> None:
    run = slow_copy(shell, "cut")
    arguments = ("train", "--resume", "cut", "--steps", "9", "--set", "training.sample_every=1")
    drawing = lambda: any(run.glob("samples/.drawing-*/points.csv"))  # noqa: E731
    done = interrupted(shell, *arguments, until=drawing, signals=3 * [signal.SIGINT])
    assert "cut: stopped at once, without a checkpoint\n  next: gansuite train --resume cut" in done.stderr
    left = [path.name for path in run.rglob("*")]
    assert not [name for name in left if "drawing" in name or "writing" in name or name.endswith(".tmp")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_before_the_first_step_leaves_no_run_behind(
    shell: Shell, number: signal.Signals
) -> None:
    run = shell.folder / "early"
    arguments = ("train", "ring", "--out", "early", *ENDLESS, "--set", "slow_to_load=60")
    done = interrupted(shell, *arguments, until=(run / "config.toml").exists, signals=[number])
    assert "interrupted; nothing half-written was kept" in done.stderr
    assert not run.exists()


def test_an_interrupt_has_its_exit_code_wherever_it_comes(shell: Shell) -> None:
    done = shell.run("train", "interrupted", "--out", "cut-short", code=130)
    assert "interrupted; nothing half-written was kept" in done.stderr
    assert not (shell.folder / "cut-short").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_generating_leaves_nothing_half_written(
    shell: Shell, trained: Done, number: signal.Signals
) -> None:
    slow_copy(shell, f"slow-{number.name}")
    made = shell.folder / "made"
    arguments = ("generate", f"slow-{number.name}", "-o", "made/deep")
    done = interrupted(shell, *arguments, until=lambda: any(made.rglob("*.csv")), signals=[number])
    assert "interrupted; nothing half-written was kept" in done.stderr
    assert not made.exists()


def test_what_is_generated_lies_beside_what_was_there(shell: Shell, trained: Done) -> None:
    (shell.folder / "mine").mkdir()
    (shell.folder / "mine" / "notes.txt").write_text("keep")
    shell.run("generate", "first", "-n", "1", "-o", "mine")
    assert sorted(path.name for path in (shell.folder / "mine").iterdir()) == ["notes.txt", "points.csv"]
    done = shell.run("generate", "first", "-n", "1", "-o", "mine/notes.txt/deep", code=2)
    assert "mine/notes.txt/deep: nothing could be written: Not a directory" in done.stderr


def test_how_it_is_written_can_be_set_when_generating_but_nothing_else(shell: Shell, trained: Done) -> None:
    drawn = ("generate", "first", "-n", "1", "-o", "large")
    shell.run(*drawn, "--set", "scale=2.5")
    large, plain = (
        [float(x) for x in (shell.folder / name).read_text().split(",")]
        for name in ("large/points.csv", files_of(shell.run("generate", "first", "-n", "1"))[0])
    )
    assert large == pytest.approx([2.5 * x for x in plain])
    done = shell.run(*drawn, "--set", "rounds=3", code=2)
    assert "rounds: 2 before, 3 now" in done.stderr


def test_divergence_has_an_exit_code_of_its_own(shell: Shell) -> None:
    done = shell.run("train", "ring", "--steps", "9", "--out", "blown", "--set", "blow_up_at=4", code=4)
    assert "critic" in done.stderr


def test_a_broken_plugin_leaves_no_run_behind(shell: Shell) -> None:
    done = shell.run("train", "failing", "--out", "broken", code=3)
    assert "plugin failing: making its domain failed: SystemExit: 0" in done.stderr
    assert not (shell.folder / "broken").exists()


def test_what_cannot_start_leaves_no_run_behind(shell: Shell) -> None:
    flags = ["--batch-size", "7", "--strategy", "mirrored", "--devices", "2"]
    done = shell.run("train", "ring", "--out", "odd", *flags, code=2)
    assert "batch" in done.stderr
    assert not (shell.folder / "odd").exists()


def test_what_keeps_a_run_from_going_on_is_not_kept(shell: Shell) -> None:
    shell.run("train", "ring", "--steps", "2", "--out", "short", "-q")
    before = (shell.folder / "short" / "config.toml").read_text()
    done = shell.run("train", "--resume", "short", "--steps", "1", code=2)
    assert "short: the run has got to step 2 already" in done.stderr
    devices = ["--strategy", "mirrored", "--devices", "3"]
    done = shell.run("train", "--resume", "short", "--steps", "4", *devices, code=2)
    assert "A batch of 8 does not divide by 3 devices" in done.stderr
    assert (shell.folder / "short" / "config.toml").read_text() == before
    done = shell.run("train", "--resume", "short", "-q")
    assert done.stderr == "all 2 steps were done before; more steps train it further\n"


def test_a_run_is_exported_under_the_next_number(shell: Shell, trained: Done) -> None:
    for number in (1, 2):
        done = shell.run("export", "first", "served", "--name", "points")
        assert done.stdout == f"served/points/{number}\n"
        assert "sample: just what the run says" in done.stderr
    assert (shell.folder / "served" / "points" / "2" / "saved_model.pb").is_file()
    refused = shell.run("export", "first", "served", "--name", "points", "--version", "2", code=2)
    assert "there is a version 2" in refused.stderr
    assert "Leave --version out to write version 3" in refused.stderr


def test_what_cannot_be_exported_is_said_at_once(shell: Shell, trained: Done) -> None:
    (shell.folder / "a-file").write_text("")
    refused = shell.run("export", "first", "a-file/served", code=2)
    assert "nothing could be written" in refused.stderr
    for name in ("../elsewhere", ".hidden", ""):
        refused = shell.run("export", "first", "served", "--name", name, code=2)
        assert "cannot be the name of a model" in refused.stderr
    assert not (shell.folder / "elsewhere").exists()


@pytest.fixture(scope="module")
def models(shell: Shell, trained: Done) -> Path:
    """The folder that the run was exported to."""
    shell.run("export", "first", "models")
    return shell.folder / "models"


@pytest.mark.parametrize("serve", [model_server.serving, prediction_server.serving], ids=["rest", "grpc"])
def test_a_server_makes_the_same_files(shell: Shell, models: Path, serve: Callable[..., Any]) -> None:
    with serve(models) as server:
        asking = ["--server", server.url]
        there = files_of(shell.run("generate", "first", "-n", "3", "-o", serve.__module__, *asking))
        refused = shell.run("generate", "first", *asking, "--checkpoint", "best", code=2)
    assert "a server answers as it was exported" in refused.stderr
    here = files_of(shell.run("generate", "first", "-n", "3", "-o", "here"))
    for one, other in zip(here, there, strict=True):
        assert (shell.folder / one).read_bytes() == (shell.folder / other).read_bytes()


def breaking_rest() -> model_server.Trouble:
    """Answer the first rows, and no others."""
    predictions = itertools.count()

    def trouble(request: BaseHTTPRequestHandler) -> bool:
        if not request.path.endswith(":predict") or next(predictions) == 0:
            return False
        model_server.send(request, 500, b'{"error": "a kernel broke"}')
        return True

    return trouble


def breaking_grpc() -> prediction_server.Trouble:
    """Answer the first rows, and no others."""
    predictions = itertools.count()

    def trouble(method: str, context: grpc.ServicerContext) -> None:
        if method == "Predict" and next(predictions) > 0:
            context.abort(grpc.StatusCode.INTERNAL, "a kernel broke")

    return trouble


@pytest.mark.parametrize(
    ("serve", "trouble"),
    [(model_server.serving, breaking_rest()), (prediction_server.serving, breaking_grpc())],
    ids=["rest", "grpc"],
)
def test_a_server_that_breaks_leaves_nothing_half_done(
    shell: Shell, models: Path, serve: Callable[..., Any], trouble: Any
) -> None:
    before = sorted(shell.folder.rglob("*"))
    with serve(models, trouble) as server:
        refused = shell.run("generate", "first", "-n", "100", "-o", "half", "--server", server.url, code=1)
        assert len(server.asked) == 3
    assert "a kernel broke" in refused.stderr
    assert (refused.stdout, sorted(shell.folder.rglob("*"))) == ("", before)
