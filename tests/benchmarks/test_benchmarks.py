"""Benchmarks run and say what they measured in a form that can be kept; what they measure is not asserted."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

import pytest
from benching import quick, run

COLUMNS = ["figure", "value", "promise", "command", "date", "commit", "machine", "versions", "seeds"]


def table(text: str) -> list[list[str]]:
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_startup_says_what_the_command_line_imports(repository: Path) -> None:
    result = quick(repository, "startup")
    for command in ("gansuite --help", "gansuite plugins list"):
        packages = set(result[command]["modules"]["packages"])
        assert "gansuite" in packages
        assert not packages & {"tensorflow", "keras", "numpy", "gansuite_music", "gansuite_image"}


def test_broken_plugins_are_counted_that_are_told_of_in_the_right_words(repository: Path) -> None:
    result = quick(repository, "broken_plugins")
    assert [figure["value"] for figure in result["figures"][:2]] == [len(result["told"]), 0] == [5, 0]
    assert result["ended"] == {"--help": 0, "plugins list": 0, "train dcgan": 0}


def test_loops_of_loop_overhead_end_with_the_same_weights(repository: Path) -> None:
    result = quick(repository, "loop_overhead", "--domain", "dcgan")
    assert (result["dcgan"]["steps"], result["dcgan"]["steps_compared"]) == (6, 2)
    assert result["dcgan"]["difference"] < 1e-4


def test_input_wait_reads_a_folder_of_pictures(repository: Path, shared_data: Path) -> None:
    result = quick(
        repository, "input_wait", "--case", "pictures", "--pictures", str(shared_data / "set5" / "x4")
    )
    assert result["pictures"]["examples"] > 0


def test_prepare_midi_measures_every_file(repository: Path, shared_data: Path, tmp_path: Path) -> None:
    for number in range(1, 7):
        shutil.copy(shared_data / "pop909" / f"{number:03}.mid", tmp_path)
    result = quick(repository, "prepare_midi", str(tmp_path))
    assert (result["files"], result["pypianoroll_files"]) == (6, 3)


def test_memory_is_measured_on_caches_of_two_sizes(repository: Path, shared_data: Path) -> None:
    pictures = str(shared_data / "set5" / "x4")
    result = quick(repository, "memory", "--domain", "dcgan", "--pictures", pictures)
    smaller, larger = (result["dcgan"][name]["examples"] for name in ("smaller", "larger"))
    assert larger > 5 * smaller


def test_two_devices_are_compared_with_one(repository: Path) -> None:
    result = quick(repository, "devices", "--plugin", "gan")
    of_weights, of_networks = result["gan"]["seed 0"].values()
    assert set(of_weights) == {"averages/generator", "networks/discriminator", "networks/generator"}
    assert all(0 < of_networks[name] <= of_weights[name] for name in of_weights)
    assert [figure["value"] < 1e-4 for figure in result["figures"]] == [True, True]


def test_one_device_is_compared_with_itself_rounded_otherwise(repository: Path) -> None:
    result = quick(repository, "devices", "--plugin", "gan", "--nudge", "2")
    assert all(0 < figure["value"] < 1e-6 for figure in result["figures"])
    assert {figure["promise"] for figure in result["figures"]} == {"-"}


def test_a_checkpoint_s_time_is_measured_in_two_parts(repository: Path) -> None:
    result = quick(repository, "checkpoint_stall", "--plugin", "gan")
    assert result["gan"]["megabytes"] > 0
    assert len(result["figures"]) == 2


@pytest.mark.parametrize(("workers", "said"), [(1, "gan, 0 minutes"), (2, "gan, 2 workers, 0 minutes")])
def test_growth_is_measured_in_what_a_run_reports(repository: Path, workers: int, said: str) -> None:
    result = quick(repository, "growth", "--plugin", "gan", "--workers", str(workers))
    assert result["figures"][0]["name"] == f"{said}, 20 steps: growth of memory in MB a minute"
    assert result["steps"] == 20
    assert result["first_mb"] > 100


@pytest.mark.parametrize(
    "name",
    ["hotspots", "interruptions", "kills", "musegan_step", "parity", "scaling", "serving", "export_kills"],
)
def test_benchmarks_too_long_for_a_test_begin_at_least(repository: Path, name: str) -> None:
    done = run(repository, name, "--help")
    assert done.returncode == 0, done.stderr
    assert "--append" in done.stdout


@pytest.mark.parametrize("name", ["memory", "startup"])
def test_quick_figures_cannot_be_appended(repository: Path, name: str) -> None:
    before = (repository / "benchmarks" / "RESULTS.md").read_text("utf-8")
    done = run(repository, name, "--quick", "--append")
    assert done.returncode == 2
    assert "--quick gives no figures" in done.stderr
    assert (repository / "benchmarks" / "RESULTS.md").read_text("utf-8") == before


def test_append_adds_a_row_with_all_that_is_needed_to_measure_again(repository: Path, tmp_path: Path) -> None:
    copied = tmp_path / "benchmarks"
    copied.mkdir()
    for name in ("results.py", "startup.py", "RESULTS.md"):
        shutil.copy(repository / "benchmarks" / name, copied)
    before = table((copied / "RESULTS.md").read_text("utf-8"))
    done = run(tmp_path, "startup", "--processes", "1", "--append")
    assert done.returncode == 0, done.stderr
    after = table((copied / "RESULTS.md").read_text("utf-8"))
    assert after[0] == COLUMNS
    assert after[: len(before)] == before
    added = [dict(zip(COLUMNS, row, strict=True)) for row in after[len(before) :]]
    commands = ("gansuite --help", "gansuite plugins list")
    assert [row["figure"] for row in added] == [f"`{command}`, wall time" for command in commands]
    assert {row["command"] for row in added} == {"`python benchmarks/startup.py --processes 1`"}
    assert all(all(row.values()) for row in added)


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        ((100, 0, 10, 50, 5, 0, 1, 20, 0, 0), (160, 0, 20, 950, 5, 0, 1, 50, 0, 0), 0.3),
        ((100, 0, 10, 50, 5, 0, 1, 20, 0, 0), (100, 0, 10, 90, 5, 0, 1, 20, 0, 0), 0.0),
        ((), (), 0.0),
    ],
)
def test_what_others_took_of_the_processor_is_told(
    repository: Path, before: tuple[int, ...], after: tuple[int, ...], share: float
) -> None:
    stolen = runpy.run_path(str(repository / "benchmarks" / "results.py"))["stolen"]
    assert stolen(before, after) == pytest.approx(share)
