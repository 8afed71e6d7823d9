"""From `train` to `report`, as a person goes through it: every verb a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib

import pytest

from shell import Done, Shell, files_of
from warm import COLD


def test_training_says_where_the_run_is_and_what_comes_next(shell: Shell, trained: Done) -> None:
    said = json.loads(trained.stdout)
    assert (said["run"], said["plugin"], said["step"], said["reason"]) == ("first", "ring", 6, "done")
    assert said["next"] == "gansuite generate first"
    assert "training ring in first" in trained.stderr
    values = tomllib.loads((shell.folder / "first" / "config.toml").read_text())
    assert (values["plugin"], values["training"]["steps"], values["training"]["seed"]) == ("ring", 6, 3)


def test_nothing_but_what_concerns_the_run_is_printed(shell: Shell) -> None:
    done = shell.run("train", "ring", "--steps", "2", "--out", "quiet", begin=COLD)
    assert "training ring in quiet" in done.stderr
    strange = [line for line in done.stderr.splitlines() if "cuda" in line.lower() or "absl" in line]
    assert strange == []


def test_generating_prints_the_files_it_wrote(shell: Shell, trained: Done) -> None:
    [inside] = files_of(shell.run("generate", "first", "-n", "3", "--seed", "5"))
    assert inside == "first/generated/step-6-seed-5-to-7/points.csv"
    [outside] = files_of(shell.run("generate", "first", "-n", "1", "--seed", "6", "-o", "out"))
    three, one = ((shell.folder / name).read_text().splitlines() for name in (inside, outside))
    assert len(three) == 3
    assert [float(x) for x in three[1].split(",")] == pytest.approx([float(x) for x in one[0].split(",")])


def test_what_was_made_stays_when_the_run_is_trained_further(shell: Shell, trained: Done) -> None:
    shutil.copytree(shell.folder / "first", shell.folder / "further")
    making = ("generate", "further", "-n", "1")
    [early] = files_of(shell.run(*making))
    before = (shell.folder / early).read_text()
    shell.run("train", "--resume", "further", "--steps", "8", "-q")
    [late], [again] = (files_of(shell.run(*making, *more)) for more in ([], ["--checkpoint", "6"]))
    assert late == "further/generated/step-8-seed-0-to-0/points.csv"
    assert (again, (shell.folder / early).read_text()) == (early, before)
    assert (shell.folder / late).read_text() != before


def test_of_many_each_thousand_gets_a_folder(shell: Shell, trained: Done) -> None:
    files = files_of(shell.run("generate", "first", "-n", "1001", "-o", "many"))
    assert files == ["many/seed-0-to-999/points.csv", "many/seed-1000-to-1000/points.csv"]
    assert [len((shell.folder / one).read_text().splitlines()) for one in files] == [1000, 1]


def test_a_plugin_that_does_not_say_what_it_wrote_is_told_so(shell: Shell, trained: Done) -> None:
    shutil.copytree(shell.folder / "first", shell.folder / "silent")
    config = shell.folder / "silent" / "config.toml"
    config.write_text(config.read_text().replace('plugin = "ring"', 'plugin = "silent"'))
    told = shell.run("generate", "silent", code=3).stderr
    assert "gansuite: Silent: render() has to return the paths it wrote\n" in told


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


def test_figures_that_cannot_be_kept_are_shown_all_the_same(shell: Shell, trained: Done) -> None:
    shutil.copytree(shell.folder / "first", shell.folder / "not-mine")
    (shell.folder / "not-mine" / "evaluation.json").unlink(missing_ok=True)
    (shell.folder / "not-mine" / "evaluation.json").mkdir()
    done = shell.run("evaluate", "not-mine", "-n", "16", "--json", code=1)
    assert json.loads(done.stdout)["count"] == 16
    assert "evaluation.json: cannot be written" in done.stderr
    assert "evaluate again" in done.stderr


def test_reporting_prints_the_page(shell: Shell, trained: Done) -> None:
    assert files_of(shell.run("report", "first")) == ["first/report.html"]
    assert "<svg" in (shell.folder / "first" / "report.html").read_text()


def test_names_that_are_no_utf8_are_printed_as_they_are(shell: Shell, trained: Done) -> None:
    name = os.fsdecode(b"fl\xf6te")
    shutil.copytree(shell.folder / "first", shell.folder / name)
    done = subprocess.run(
        [*COLD, "report", name],
        cwd=shell.folder,
        env={**shell.environment, "PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"fl\xf6te/report.html\n"


def test_a_folder_that_holds_a_run_is_not_trained_into_again(shell: Shell, trained: Done) -> None:
    done = shell.run("train", "ring", "--out", "first", code=2)
    assert "first: already holds a run\n  gansuite train --resume first" in done.stderr


def test_what_is_generated_lies_beside_what_was_there(shell: Shell, trained: Done) -> None:
    (shell.folder / "mine").mkdir()
    (shell.folder / "mine" / "notes.txt").write_text("keep")
    shell.run("generate", "first", "-n", "1", "-o", "mine")
    assert sorted(path.name for path in (shell.folder / "mine").iterdir()) == ["notes.txt", "points.csv"]
    done = shell.run("generate", "first", "-n", "1", "-o", "mine/notes.txt/deep", code=2)
    assert "mine/notes.txt/deep: nothing could be written: Not a directory" in done.stderr


def test_how_it_is_written_can_be_set_when_generating_but_nothing_else(shell: Shell, trained: Done) -> None:
    drawn = ("generate", "first", "-n", "1", "-o", "large")
    assert "drawn 2.5 times as large" in shell.run(*drawn, "--set", "scale=2.5").stderr
    large, plain = (
        [float(x) for x in (shell.folder / name).read_text().split(",")]
        for name in ("large/points.csv", files_of(shell.run("generate", "first", "-n", "1"))[0])
    )
    assert large == pytest.approx([2.5 * x for x in plain])
    done = shell.run(*drawn, "--set", "rounds=3", code=2)
    assert "rounds: 2 before, 3 now" in done.stderr


def test_a_setting_of_training_is_refused_where_nothing_is_trained(shell: Shell, trained: Done) -> None:
    for verb in ("generate", "evaluate"):
        done = shell.run(verb, "first", "--set", "training.steps=99", code=2)
        assert "--set training.steps=99: nothing is trained here" in done.stderr


def test_divergence_has_an_exit_code_of_its_own(shell: Shell) -> None:
    command = ["train", "ring", "--steps", "9", "--out", "blown", "--set"]
    for _ in range(2):  # what learned nothing is not in the way of the same command
        assert "critic" in shell.run(*command, "blow_up_at=4", code=4).stderr
    shell.run(*command, "blow_up_at=4", "--set", "training.checkpoint_every=2", code=4)
    assert (shell.folder / "blown" / "checkpoints" / "step-00000004").is_dir()


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


def test_a_run_that_stopped_before_its_last_phase_is_said_to_have(shell: Shell) -> None:
    training = shell.run("train", "ring", "--steps", "2", "--set", "warm_up=2", "--out", "warm", "-q")
    told = "stopped at step 2, in phase warm-up: play, which comes after step 2, is not trained"
    verbs = shell.run("evaluate", "warm", "-n", "4"), shell.run("export", "warm", "served")
    assert all(done.stderr.count(told) == 1 for done in (training, *verbs))
    further = shell.run("train", "--resume", "warm", "--steps", "3", "-q")
    assert "not trained" not in further.stderr
