"""The page about a run: whole, safe, small, and readable with whatever is missing."""

from __future__ import annotations

import base64
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from gansuite.reporting import write_report
from gansuite.reporting.curves import smoothed, span, thinned, tick_labels, ticks, unbroken
from gansuite.reporting.figures import duration
from gansuite.runs import Run

CONFIG = (
    'plugin = "musegan"\napi = 1\n\n[training]\nsteps = 300\n\n[data]\nsource = "<script>alert(1)</script>"\n'
)


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and the text."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(write_report(run).read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "run", "musegan", CONFIG)


def write_rows(run: Run, rows: list[dict[str, Any]]) -> None:
    run.metrics_file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def row(step: int, phase: str = "play", **terms: float | None) -> dict[str, Any]:
    named = {f"critic/{name}": value for name, value in terms.items()}
    return {
        "step": step,
        "phase": phase,
        "examples_seen": step,
        "terms": named,
        "examples_per_second": 10.0,
        "seconds": step / 2,
        "begun": 0,
        "compiling": 0.25,
        "memory": 2**20 * step,
    }


def draw(run: Run, step: int, name: str, size: tuple[int, int] = (8, 8)) -> Path:
    folder = run.samples / f"step-{step:06d}"
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(step).integers(0, 255, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).save(folder / name)
    return folder / name


def test_a_run_that_only_began_has_a_page(run: Run) -> None:
    page = Page(run)
    assert "musegan" in page.text
    assert "nothing reported yet" in page.text


def test_the_page_says_plugin_run_step_and_time(run: Run) -> None:
    write_rows(run, [row(100, loss=1.0), row(150, loss=0.5)])
    page = Page(run)
    for expected in ("musegan", str(run.path), "step 150 of 300", "1 min 15 s"):
        assert expected in page.text


def test_the_time_of_a_resumed_run_is_that_of_all_its_sittings(run: Run) -> None:
    resumed = {**row(30, loss=1.0), "seconds": 4.0}
    write_rows(run, [row(10, loss=1.0), row(20, loss=1.0), resumed])
    assert "14 s" in Page(run).text
    # One that compiles long begins to report later than the one before ended.
    write_rows(
        run, [row(10, loss=1.0), row(20, loss=1.0), {**row(30, loss=1.0), "seconds": 12.0, "begun": 20}]
    )
    assert "22 s" in Page(run).text


def test_text_from_the_run_cannot_become_markup(run: Run) -> None:
    write_rows(run, [row(1, **{"<img src=x>": 1.0})])
    scores = [{"name": "<b>bold</b>", "value": 1, "meaning": '"&<'}]
    run.evaluation_file.write_text(json.dumps({"data": "<b>", "scores": scores}))
    draw(run, 1, "<svg onload=x>.png")
    page = Page(run)
    assert not page.all("script")
    assert not page.all("b")
    assert all("onload" not in attributes for _, attributes in page.elements)
    assert "<script>alert(1)</script>" in page.text
    assert "<b>bold</b>" in page.text


def test_the_page_asks_for_no_address(run: Run) -> None:
    write_rows(run, [row(step, loss=1.0) for step in range(1, 50)])
    draw(run, 1, "grid.png")
    draw(run, 2, "grid.png")
    (run.samples / "step-000002" / "grid.mid").write_bytes(b"MThd")
    (run.samples / "step-000002" / "grid.wav").write_bytes(b"RIFF")
    page = Page(run)
    asked = [
        value
        for _, attributes in page.elements
        for name in ("src", "href")
        if (value := attributes.get(name))
    ]
    assert len(asked) == 4
    assert all(value.startswith("data:") for value in asked)
    assert not re.search(r"https?:|@import|url\(", run.report_file.read_text("utf-8"))
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_samples_come_back_as_they_are_on_disk(run: Run) -> None:
    picture = draw(run, 200, "seed-0.png")
    sound, midi = picture.with_suffix(".wav"), picture.with_suffix(".mid")
    sound.write_bytes(b"RIFF....WAVE")
    midi.write_bytes(b"MThd song")
    page = Page(run)
    image, audio, link = page.all("img")[0], page.all("audio")[0], page.all("a")[0]
    assert decoded(image["src"]) == ("image/png", picture.read_bytes())
    assert decoded(audio["src"]) == ("audio/wav", sound.read_bytes())
    assert decoded(link["href"]) == ("audio/midi", midi.read_bytes())
    assert link["download"] == "seed-0.mid"
    assert "Samples at step 200" in page.text


def test_pictures_that_a_grid_shows_together_are_folded_away(run: Run) -> None:
    for name in ("grid.png", "seed-0.png", "seed-1.png"):
        draw(run, 1, name)
    assert "2 one by one" in Page(run).text
    (run.samples / "step-000001" / "grid.png").unlink()
    assert "one by one" not in Page(run).text


def test_a_sheet_of_what_has_sound_is_folded_away_and_one_of_it_shows_how_it_came_about(run: Run) -> None:
    for step in (0, 1):
        for name in ("overview.png", "seed-0.png"):
            draw(run, step, name)
        (run.samples / f"step-00000{step}" / "seed-0.wav").write_bytes(b"RIFF....WAVE")
    page = Page(run)
    assert "all on one picture" in page.text
    assert "one by one" not in page.text
    assert [image["alt"] for image in page.all("img")] == ["seed-0", "overview", "seed-0"]


def decoded(uri: str | None) -> tuple[str, bytes]:
    assert uri is not None
    kind, content = uri.removeprefix("data:").split(";base64,")
    return kind, base64.b64decode(content)


def test_a_picture_of_each_earlier_step_shows_how_it_came_about(run: Run) -> None:
    for step in range(0, 2000, 100):
        draw(run, step, "grid.png")
        draw(run, step, "seed-0.png")
    page = Page(run)
    steps = [int(found) for found in re.findall(r"^step (\d+)$", page.text.replace(",", ""), re.MULTILINE)]
    assert steps[0] == 0
    assert steps[-1] == 1800
    assert len(steps) == 8
    assert [image["alt"] for image in page.all("img")].count("grid") == 9


def test_the_page_stays_small_however_much_there_is(run: Run) -> None:
    names = [f"critic/term{index}" for index in range(12)]
    values = np.random.default_rng(0).normal(size=(5_000, 12))
    rows = [{**row(step), "terms": dict(zip(names, values[step], strict=True))} for step in range(5_000)]
    write_rows(run, rows)
    for step in range(12):
        draw(run, step, "grid.png", (900, 900))
    for index in range(6):
        (run.samples / "step-000011" / f"seed-{index}.wav").write_bytes(bytes(2_000_000))
    page = Page(run)
    assert run.report_file.stat().st_size < 10_000_000
    assert len(page.all("audio")) < 6
    assert "step-000011/seed-5.wav (too large)" in page.text


def test_a_damaged_picture_is_named_and_costs_nothing_else(run: Run) -> None:
    picture = draw(run, 1, "good.png")
    picture.with_name("bad.png").write_bytes(b"\x89PNG but no more")
    page = Page(run)
    assert [image["alt"] for image in page.all("img")] == ["good"]
    assert "step-000001/bad.png" in page.text


def test_damaged_files_leave_a_page_of_what_can_be_read(run: Run) -> None:
    run.metrics_file.write_text(json.dumps(row(10, loss=1.0)) + '\n{"step": 2\nnull\n[]\n{"step":"x"}\n')
    run.environment_file.write_text("{")
    run.evaluation_file.write_text('{"step": "x", "scores": [1, {}]}')
    run.config_file.write_text("= broken")
    page = Page(run)
    assert "step 10" in page.text
    assert "memory in MiB" in page.text
    assert len(page.all("svg")) == 3


def test_values_that_are_not_finite_are_marked_and_break_no_chart(run: Run) -> None:
    rows = [
        row(step, loss=None if step in (20, 30) else step / 10, never=math.nan) for step in range(10, 61, 10)
    ]
    write_rows(run, rows)
    page = Page(run)
    assert len([line for line in page.all("line") if line["class"] == "lost"]) == 2
    assert "Never finite." in page.text
    drawn = [points for line in page.all("polyline") if (points := line["points"])]
    assert not any("nan" in points or "inf" in points for points in drawn)


def test_phases_are_marked_where_there_are_several(run: Run) -> None:
    write_rows(run, [row(10, "content", loss=1.0), row(20, "play", loss=1.0), row(30, "play", loss=1.0)])
    page = Page(run)
    assert len([line for line in page.all("line") if line["class"] == "phase"]) == 2 * len(page.all("svg"))
    assert "content" in page.text


def test_figures_of_the_evaluation_stand_beside_the_data(run: Run) -> None:
    scores = [
        {"name": "qualified notes", "value": 0.912, "reference": 0.977, "meaning": "share of notes"},
        {"name": "drum pattern", "value": None, "reference": None, "meaning": "no drums"},
    ]
    kept = {"step": 1500, "count": 1000, "seed": 0, "data": "folk songs", "scores": scores}
    run.evaluation_file.write_text(json.dumps(kept))
    text = Page(run).text
    assert "step 1,500 · at most 1,000 outputs · data: folk songs" in text
    for expected in ("qualified notes", "0.912", "0.977", "share of notes", "undefined", "no drums"):
        assert expected in text


def test_settings_and_environment_are_listed_by_their_full_names(run: Run) -> None:
    run.environment_file.write_text(json.dumps({"versions": {"tensorflow": "2.21.0"}, "devices": ["CPU:0"]}))
    run.config_file.write_text(run.config_file.read_text() + '[[tracks]]\nname = "Alto"\n')
    text = Page(run).text
    for expected in (
        "training.steps",
        "300",
        "tracks[0].name",
        "Alto",
        "versions.tensorflow",
        "2.21.0",
        '["CPU:0"]',
    ):
        assert expected in text


FLOATS = st.floats(-1e12, 1e12)
CURVES = st.lists(FLOATS, max_size=300).map(lambda values: [(float(x), y) for x, y in enumerate(values)])


@given(CURVES, st.integers(2, 60))
def test_thinning_keeps_the_peaks_and_the_order(points: list[tuple[float, float]], limit: int) -> None:
    kept = thinned(points, limit)
    assert len(kept) <= limit
    assert kept == sorted(kept)
    assert set(kept) <= set(points)
    if points:
        assert max(y for _, y in kept) == max(y for _, y in points)
        assert min(y for _, y in kept) == min(y for _, y in points)


def test_smoothing_starts_without_a_bias_and_forgets() -> None:
    assert smoothed([(0, 3.0), (1, math.nan), (2, 3.0)], 10) == [(0, 3.0), (2, pytest.approx(3.0))]
    assert smoothed([(0, 1.0), (1, 0.0)], 1)[1][1] == pytest.approx(math.exp(-1) / (1 + math.exp(-1)))


def test_a_curve_is_cut_where_it_is_not_finite() -> None:
    points = [(0.0, 1.0), (1.0, math.inf), (2.0, 2.0), (3.0, 3.0)]
    assert unbroken(points) == [[(0.0, 1.0)], [(2.0, 2.0), (3.0, 3.0)]]


@given(st.lists(FLOATS, min_size=1, max_size=300))
@example([0.5, 0.5000000000000001])
@example([1e300, 1.0000000000000002e300])
def test_a_scale_has_a_width_and_round_ticks_within(values: list[float]) -> None:
    low, high = span(values)
    assert low < high
    places = ticks(low, high, 4)
    assert 1 <= len(places) <= 12
    slack = 1e-6 * (high - low)
    assert all(low - slack <= place <= high + slack for place in places)
    assert len(tick_labels(places)) == len(places)


def test_one_value_far_off_does_not_flatten_a_curve() -> None:
    values = [float(value) for value in range(200)]
    assert span([*values, -1e6])[0] > -100
    assert span(values)[0] <= 0 <= 199 <= span(values)[1]


def test_tick_labels_are_short_and_distinct() -> None:
    assert tick_labels([0.0, 0.2, 0.4]) == ["0.0", "0.2", "0.4"]
    assert tick_labels([0.0, 10_000.0, 20_000.0]) == ["0", "10k", "20k"]
    assert tick_labels([0.0, 5_000.0, 10_000.0]) == ["0", "5k", "10k"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(8.4, "8 s"), (185, "3 min 05 s"), (7_800, "2 h 10 min"), (-3, "0 s")]
)
def test_durations_are_written_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text
