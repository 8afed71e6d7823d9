"""`gansuite detect`, as it is used."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from model_server import serving
from PIL import Image

from anomalies import write
from gansuite.cli import main
from gansuite.runs import Run
from gansuite_anomaly.calibration import kept_file
from gansuite_anomaly.drawing import COLOURS, heat, overlay


@dataclass(frozen=True)
class Result:
    """What a command left: its exit code, and all that it said."""

    exit_code: int
    output: str


def detect(*words: object) -> Result:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(["detect", *map(str, words)])
    return Result(code, said.getvalue())


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "scores.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """Three pictures, one of them in a folder."""
    write(tmp_path / "given", 2, 250)
    write(tmp_path / "given" / "more", 1, 90)
    return tmp_path / "given"


@pytest.mark.parametrize("plugin", ["anogan", "f-anogan"])
def test_every_picture_gets_a_score_and_three_drawings(
    plugin: str, trained_run: Callable[..., Run], given: Path, tmp_path: Path
) -> None:
    done = detect(trained_run(plugin).path, given, "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    found = rows(tmp_path / "out")
    assert [Path(row["file"]) for row in found] == [
        given / "0.png",
        given / "1.png",
        given / "more" / "0.png",
    ]
    for row in found:
        assert (float(row["score"]) > float(row["threshold"])) == (row["above_threshold"] == "1")
    assert len({row["threshold"] for row in found}) == 1
    for kind in ("heat", "overlay", "reconstruction"):
        for name in ("0", "1", "more/0"):
            path = tmp_path / "out" / kind / f"{name}.png"
            assert str(path) in done.output
            with Image.open(path) as picture:
                assert picture.size == (128, 128)


def test_a_server_detects_as_the_run_does(
    trained_run: Callable[..., Run], given: Path, tmp_path: Path
) -> None:
    run = trained_run("f-anogan")
    assert main(["export", str(run.path), str(tmp_path / "served")]) == 0
    assert detect(run.path, given, "-o", tmp_path / "here").exit_code == 0
    with serving(tmp_path / "served") as server:
        done = detect(run.path, given, "-o", tmp_path / "there", "--server", server.url)
        assert server.asked
    assert done.exit_code == 0, done.output
    for one, other in zip(rows(tmp_path / "here"), rows(tmp_path / "there"), strict=True):
        assert float(one["score"]) == pytest.approx(float(other["score"]), rel=1e-4)
        assert one["above_threshold"] == other["above_threshold"]


def test_a_search_that_was_exported_cannot_be_set(
    trained_run: Callable[..., Run], given: Path, tmp_path: Path
) -> None:
    asking = (trained_run("anogan").path, given, "-o", tmp_path / "out", "--server", "http://localhost:1")
    done = detect(*asking, "--set", "search.steps=1")
    assert done.exit_code == 2
    assert "--set search.steps=1: a server answers as it was exported" in done.output
    assert not (tmp_path / "out").exists()


def test_the_threshold_leaves_a_part_of_normal_pictures_below(
    trained_run: Callable[..., Run], given: Path, tmp_path: Path
) -> None:
    run = trained_run("f-anogan")
    thresholds = {}
    for quantile in (0.5, 0.95):
        folder = tmp_path / str(quantile)
        assert detect(run.path, given, "-o", folder, "--quantile", quantile).exit_code == 0
        thresholds[quantile] = float(rows(folder)[0]["threshold"])
    scores = json.loads(kept_file(run).read_text())["scores"]
    for quantile, threshold in thresholds.items():
        assert threshold == pytest.approx(np.quantile(scores, quantile), rel=1e-4)


def test_drawings_of_a_picture_do_not_depend_on_the_others(
    trained_run: Callable[..., Run], given: Path, tmp_path: Path
) -> None:
    run = trained_run("f-anogan")
    assert detect(run.path, given, "-o", tmp_path / "all").exit_code == 0
    assert detect(run.path, given / "1.png", "-o", tmp_path / "one").exit_code == 0
    for kind in ("heat", "overlay", "reconstruction"):
        both = [np.asarray(Image.open(tmp_path / part / kind / "1.png"), np.int64) for part in ("all", "one")]
        assert np.abs(both[0] - both[1]).max() <= 2


def test_an_encoder_that_was_not_trained_is_said_to_score_badly(
    trained_run: Callable[..., Run], given: Path, tmp_path: Path
) -> None:
    run = trained_run("f-anogan", "training.steps=2")
    done = detect(run.path, given, "-o", tmp_path / "out")
    assert "encoder, which comes after step 2, is not trained" in done.output
    assert "its scores mean little" in done.output


def test_without_held_out_pictures_there_is_no_threshold(
    trained_run: Callable[..., Run], given: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained_run("f-anogan").path, run)
    kept_file(Run.open(run)).unlink(missing_ok=True)
    text = (run / "config.toml").read_text()
    (run / "config.toml").write_text(text.replace('source = "digits"', f'source = "{tmp_path / "gone"}"'))
    done = detect(run, given, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_masks_are_no_pictures_to_detect_in(
    trained_run: Callable[..., Run], given: Path, tmp_path: Path
) -> None:
    write(given / "ground_truth" / "crack", 1, 90)
    assert detect(trained_run("f-anogan").path, given, "-o", tmp_path / "out").exit_code == 0
    assert [Path(row["file"]).parent.name for row in rows(tmp_path / "out")] == ["given", "given", "more"]


def test_a_broken_picture_is_listed_and_the_others_are_done(
    trained_run: Callable[..., Run], given: Path, tmp_path: Path
) -> None:
    (given / "00.png").write_bytes(b"\x89PNG")
    done = detect(trained_run("f-anogan").path, given, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "00.png" in done.output
    assert len(rows(tmp_path / "out")) == 3


def test_no_picture_is_written_over(trained_run: Callable[..., Run], tmp_path: Path) -> None:
    write(tmp_path / "heat", 1, 90)
    before = (tmp_path / "heat" / "0.png").read_bytes()
    done = detect(trained_run("f-anogan").path, tmp_path / "heat" / "0.png", "-o", tmp_path)
    assert done.exit_code == 2
    assert (tmp_path / "heat" / "0.png").read_bytes() == before


def test_heat_has_one_scale() -> None:
    residuals = np.array([[0.0, 0.1, 0.2, 0.9]])
    colours = heat(residuals, 0.2)
    assert colours[0, 0].tolist() == COLOURS[0].astype(int).tolist()
    assert colours[0, 2].tolist() == colours[0, 3].tolist() == COLOURS[-1].astype(int).tolist()
    brightness = heat(np.linspace(0, 1, 50)[None], 1.0)[0].astype(int) @ [299, 587, 114]
    assert (np.diff(brightness) >= 0).all()
    laid = overlay(np.full((1, 4, 1), 100, np.uint8), residuals, 0.2)
    assert laid[0, 0].tolist() == [70, 70, 70]
    assert laid[0, 3].tolist() == colours[0, 3].tolist()
