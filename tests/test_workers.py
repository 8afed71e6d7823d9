"""Runs that several processes train together, as people start them."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import pytest
from PIL import Image

from gansuite.testing.reading import distance, metrics, tensors, untimed
from killing import finish, start
from tiny import TINY
from workers import ends, finish_together, wait_for, workers

#: In float64 nothing but a mistake is left of a difference.
EXACT = ("--precision", "float64", "--batch-size", "12", "--set", "training.report_every=5")


def commands(plugin: str, folder: Path, *more: str, name: str = "run") -> tuple[list[str], Path]:
    run = folder / name
    return ["train", plugin, *TINY[plugin].arguments(folder), *EXACT, "--out", str(run), "-q", *more], run


def apart(run: Path, other: Path, step: int) -> float:
    one, two = tensors(run, step), tensors(other, step)
    assert one.keys() == two.keys()
    return max(distance(one[name], two[name]) for name in one if name.startswith(("networks/", "averages/")))


def test_workers_learn_what_one_process_does(tmp_path: Path) -> None:
    plugin, count = "musegan", 3
    command, run = commands(plugin, tmp_path, "--steps", "20")
    said = finish_together(*[command] * count)
    assert [text.splitlines()[0] for text in said[1:]] == [
        f"helping as worker {index} of {count}; worker 0 has the run" for index in range(1, count)
    ]
    alone, other = commands(plugin, tmp_path)
    other = tmp_path / "alone"
    finish(
        *[str(other) if word == str(run) else word for word in alone], "--steps", "20", "--strategy", "one"
    )
    assert apart(run, other, 20) < 1e-9
    assert [row["step"] for row in metrics(run)] == [5, 10, 15, 20]
    # Each worker reads its own rows: none was read twice.
    assert untimed(metrics(run))[-1]["examples_seen"] == untimed(metrics(other))[-1]["examples_seen"]


@pytest.mark.parametrize("killed", [0, 1])
def test_a_worker_that_dies_stops_the_others_and_the_run_goes_on(tmp_path: Path, killed: int) -> None:
    command, run = commands("dcgan", tmp_path, "--steps", "100000", "--set", "training.checkpoint_every=5")
    with workers(command, command) as running:
        wait_for(lambda: any((run / "checkpoints").glob("step-*")), running)
        running[killed].send_signal(signal.SIGKILL)
        code, text = ends(running)[1 - killed]
    assert code == 1
    assert "the connection to another worker is lost" in text
    reached = max(int(path.name[5:]) for path in (run / "checkpoints").glob("step-*"))
    # With another number of workers: one.
    finish("train", "--resume", str(run), "--steps", str(reached + 5), "--strategy", "one", "-q")
    assert (run / "checkpoints" / f"step-{reached + 5:08d}").is_dir()


def test_a_signal_to_one_worker_stops_all_with_a_checkpoint(tmp_path: Path) -> None:
    command, run = commands("dcgan", tmp_path, "--steps", "100000")
    with workers(command, command) as running:
        wait_for((run / "metrics.jsonl").exists, running)
        running[1].send_signal(signal.SIGTERM)
        ended = ends(running)
    assert [code for code, _ in ended] == [130, 130], ended
    stopped = [re.search(r"stopped at step (\d+)", text) for _, text in ended]
    steps = {found[1] for found in stopped if found is not None}
    assert len(steps) == 1
    assert (run / "checkpoints" / f"step-{int(steps.pop()):08d}").is_dir()


def test_workers_that_were_started_differently_say_what_differs(tmp_path: Path) -> None:
    command, run = commands("dcgan", tmp_path, "--steps", "5")
    with workers(command, [*command, "--seed", "7"]) as running:
        ended = ends(running)
    assert [code for code, _ in ended] == [2, 2], ended
    assert "training.seed is 0 for worker 0 and 7 for worker 1" in ended[0][1]
    assert "training.seed is 7 for worker 1 and 0 for worker 0" in ended[1][1]
    assert not run.exists()


@pytest.mark.parametrize("index", [0, 1])
def test_a_worker_that_fails_before_the_first_step_ends_the_others(tmp_path: Path, index: int) -> None:
    command, run = commands("dcgan", tmp_path, "--steps", "5")
    (tmp_path / "empty").mkdir()
    failing = [*command, "--data", str(tmp_path / "empty")]
    both = [failing, command] if index == 0 else [command, failing]
    with workers(*both) as running:
        ended = ends(running)
    assert [code for code, _ in ended] == [2, 1][:: 1 - 2 * index], ended
    assert f"worker {index} ended: {tmp_path / 'empty'}: no pictures found here" in ended[1 - index][1]
    # They are told to start the same command again.
    assert not run.exists()


ENDING = """
import sys
from gansuite.errors import GansuiteError
from gansuite.training.crew import join

crew = join(1.0)
crew.compare("start", dict, "")
try:
    with crew.telling(), crew.noticing_losses("gansuite train --resume run"):
        crew.total(1.0)
        if crew.index == 1:
            raise GansuiteError("there is no pencil")
        crew.total(1.0)
except GansuiteError as error:
    sys.exit(str(error))
"""


def test_a_worker_that_ends_later_says_why(tmp_path: Path) -> None:
    with workers([], [], begin=[sys.executable, "-c", ENDING]) as running:
        ended = ends(running)
    assert [code for code, _ in ended] == [1, 1], ended
    assert "there is no pencil" in ended[1][1]
    assert "worker 1 ended: there is no pencil" in ended[0][1]


ALONE = """
import tensorflow as tf
from gansuite.training.crew import join

crew = join(1.0)
kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
devices = [tf.DeviceSpec.from_string(name) for name in crew.strategy.extended.worker_devices]
assert {device.device_type for device in devices} == {kind}
assert len(devices) == len(tf.config.list_physical_devices(kind))
variable = tf.Variable([2.0, 3.0])
crew.share([variable])
assert variable.numpy().tolist() == [2.0, 3.0]
assert list(crew.total(1.0, 5.0)) == [1.0, 5.0]
"""


def test_a_worker_takes_all_devices_that_it_sees() -> None:
    with workers([], begin=[sys.executable, "-c", ALONE]) as running:
        ended = ends(running)
    assert [code for code, _ in ended] == [0], ended


def test_workers_that_read_other_data_say_so(tmp_path: Path) -> None:
    command, _ = commands("dcgan", tmp_path, "--steps", "5")
    folders = [tmp_path / name for name in ("ours", "theirs")]
    for shade, folder in zip((60, 180), folders, strict=True):
        folder.mkdir()
        for number in range(4):
            Image.new("L", (20, 20), shade + number).save(folder / f"{number}.png")
    with workers(*[[*command, "--data", str(folder)] for folder in folders]) as running:
        ended = ends(running)
    assert [code for code, _ in ended] == [2, 2], ended
    assert "numbers in the first, middle and last example is 0.5" in ended[0][1]


@pytest.mark.parametrize("index", [0, 1])
def test_a_worker_that_stays_alone_gives_up(tmp_path: Path, index: int) -> None:
    command, run = commands("dcgan", tmp_path, "--set", "training.connect_minutes=0.1")
    places = '["127.0.0.1:23901", "127.0.0.1:23902"]'
    config = f'{{"cluster": {{"worker": {places}}}, "task": {{"type": "worker", "index": {index}}}}}'
    process = start(*command, "--strategy", "multiworker", TF_CONFIG=config)
    _, text = process.communicate(timeout=120)
    assert process.returncode == 1, text
    other = ("127.0.0.1:23902", "127.0.0.1:23901")[index]
    assert f"worker {index} of 2: {other} could not be reached within 0.1 minutes" in text
    assert not run.exists()


def test_a_full_disk_of_the_chief_stops_all(tmp_path: Path, small_disk: Path) -> None:
    every = ("--set", "training.checkpoint_every=2", "--set", "training.sample_every=1000")
    command, _ = commands("dcgan", tmp_path, "--steps", "100000", *every)
    run = small_disk / "run"
    command[command.index("--out") + 1] = str(run)
    (small_disk / "ballast").write_bytes(bytes(900_000))
    with workers(command, command) as running:
        ended = ends(running)
    assert [code for code, _ in ended] == [1, 1], ended
    assert "No space left on device" in ended[0][1]
    assert "the connection to another worker is lost" in ended[1][1]
    # They are told to go on with it.
    assert (run / "config.toml").is_file()


def test_a_batch_that_the_workers_cannot_share_is_refused(tmp_path: Path) -> None:
    command, _ = commands("dcgan", tmp_path)
    with workers(*[[*command, "--batch-size", "9"]] * 2) as running:
        ended = ends(running)
    assert [code for code, _ in ended] == [2, 2], ended
    assert "A batch of 9 does not divide by 2 devices" in ended[0][1]
