"""Ctrl-C and SIGTERM, wherever they come."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from shell import Done, Shell, wait_until
from warm import COLD

ENDLESS = ("--steps", "100000000", "-q", "--set", "training.report_every=1")


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


def interrupted(
    shell: Shell, *arguments: str, until: Callable[[], bool], signals: Sequence[signal.Signals]
) -> Done:
    """What is said by a process that signals end, a tenth of a second apart, once something has happened."""
    process = shell.start(*arguments, begin=COLD)
    try:
        wait_until(until, process)
        for number in signals:
            process.send_signal(number)
            time.sleep(0.1)
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_schedulers_and_closed_terminals_get_a_checkpoint_too(shell: Shell, number: signal.Signals) -> None:
    name = f"ended-{number.name}"
    run = shell.folder / name
    arguments = ("train", "ring", "--out", name, *ENDLESS)
    done = interrupted(shell, *arguments, until=(run / "metrics.jsonl").exists, signals=[number])
    assert f"after a checkpoint\n  next: gansuite train --resume {name}" in done.stderr
    assert len(list((run / "checkpoints").iterdir())) == 1


def test_what_a_shell_has_ignored_stays_ignored(shell: Shell) -> None:
    ignoring = ("sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh")
    metrics = shell.folder / "behind" / "metrics.jsonl"
    process = shell.start("train", "ring", "--out", "behind", *ENDLESS, begin=(*ignoring, *COLD))
    try:
        wait_until(metrics.exists, process)
        for number in (signal.SIGINT, signal.SIGHUP):
            process.send_signal(number)
        size = metrics.stat().st_size
        wait_until(lambda: metrics.stat().st_size > 10 * size, process)
        process.terminate()
        _, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert (process.returncode, "after a checkpoint" in err) == (130, True)


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
    done = shell.run("train", "interrupted", "--out", "cut-short", code=130, begin=COLD)
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
