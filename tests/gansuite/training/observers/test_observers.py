"""What is said and written while a run trains."""

from __future__ import annotations

import io
import itertools
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gansuite.domain import Score
from gansuite.errors import GansuiteError
from gansuite.runs import Run
from gansuite.testing.reading import metrics, untimed
from gansuite.training.observers import (
    Bar,
    Lines,
    Metrics,
    Notes,
    Observer,
    Page,
    Report,
    Session,
    TalkativeLines,
    TensorBoard,
    Together,
    default_observers,
)

CONFIG = 'plugin = "musegan"\napi = 1\n'


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "run", "musegan", CONFIG)


def session(run: Run, step: int = 0) -> Session:
    return Session(run=run, step=step, steps=100, domain=None)  # type: ignore[arg-type]


def report(step: int, **terms: float) -> Report:
    named = {f"critic/{name}": value for name, value in (terms or {"loss": 1 / step}).items()}
    return Report(
        step=step,
        steps=100,
        phase="play",
        terms=named,
        examples_seen=64 * step,
        examples_per_second=640.0,
        seconds=step / 10,
        compiling=0.25,
        memory=1000,
    )


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Failing(Observer):
    def report(self, report: Report) -> None:
        raise ValueError("no pencil")


class Listening(Observer):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def report(self, report: Report) -> None:
        self.heard.append(f"report {report.step}")

    def note(self, message: str) -> None:
        self.heard.append(message)

    def end(self, outcome: str) -> None:
        self.heard.append(f"end {outcome}")


def test_metrics_have_one_json_object_per_report(run: Run) -> None:
    metrics = Metrics()
    metrics.start(session(run))
    metrics.report(report(10, loss=0.1, penalty=2.0))
    metrics.report(report(20, loss=0.3, penalty=4.0))
    rows = [json.loads(line) for line in run.metrics_file.read_text().splitlines()]
    assert [row["step"] for row in rows] == [10, 20]
    assert rows[0] == {
        "step": 10,
        "phase": "play",
        "examples_seen": 640,
        "terms": {"critic/loss": 0.1, "critic/penalty": 2.0},
        "examples_per_second": 640.0,
        "seconds": 1.0,
        "compiling": 0.25,
        "memory": 1000,
        "begun": 0,
    }


def test_metrics_write_null_for_what_is_not_finite(run: Run) -> None:
    metrics = Metrics()
    metrics.start(session(run))
    metrics.report(report(10, loss=math.nan, penalty=math.inf))

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    row = json.loads(run.metrics_file.read_text(), parse_constant=refuse)
    assert row["terms"] == {"critic/loss": None, "critic/penalty": None}


def test_resumed_metrics_equal_those_of_an_uninterrupted_run(run: Run, tmp_path: Path) -> None:
    whole = Run.create(tmp_path / "whole", "musegan", CONFIG)
    write_reports(whole, 0, range(10, 101, 10))
    write_reports(run, 0, range(10, 71, 10))
    with run.metrics_file.open("a") as file:
        file.write('{"step": 80, "pha')
    write_reports(run, 50, range(60, 101, 10))
    assert untimed(metrics(run.path)) == untimed(metrics(whole.path))
    assert [row["begun"] for row in metrics(run.path)] == [0] * 5 + [50] * 5
    assert len(run.metrics_file.read_text().splitlines()) == 10


def test_scores_from_before_the_first_step_are_there_once_however_often_it_begins(run: Run) -> None:
    score = Score(name="radius", value=1.0, reference=None, meaning="mean distance from 0")
    for _ in range(2):
        metrics = Metrics()
        metrics.start(session(run, 0))
        metrics.scores(0, [score])
    assert [json.loads(line)["step"] for line in run.scores_file.read_text().splitlines()] == [0]


def write_reports(run: Run, resumed_at: int, steps: Sequence[int]) -> None:
    metrics = Metrics()
    metrics.start(session(run, resumed_at))
    for step in steps:
        metrics.report(report(step))


def test_a_full_disk_under_the_metrics_stops_the_training_and_names_the_file(run: Run) -> None:
    observers = Together([Metrics()])
    observers.start(session(run))
    run.metrics_file.symlink_to("/dev/full")
    with pytest.raises(GansuiteError, match="No space left on device") as caught:
        observers.report(report(10))
    assert caught.value.where == str(run.metrics_file)
    assert caught.value.exit_code == 1


def test_an_observer_that_fails_is_left_out_and_the_others_are_told_why() -> None:
    listening = Listening()
    observers = Together([Failing(), listening])
    observers.report(report(10))
    observers.report(report(20))
    failure = "Failing failed and is left out from here on: no pencil"
    assert listening.heard == ["report 10", failure, "report 20"]


def test_what_fails_before_the_start_has_notes_but_no_end() -> None:
    listening = Listening()
    observers = Together([listening, Page()])
    observers.note("the newest checkpoint is damaged")
    observers.end("RunError")
    assert listening.heard == ["the newest checkpoint is damaged"]


def test_what_did_not_start_has_no_end(run: Run) -> None:
    class Startless(Listening):
        essential = True

        def start(self, session: Session) -> None:
            raise GansuiteError("cannot be written", where="metrics.jsonl")

    before, after = Listening(), Listening()
    observers = Together([before, Startless(), after, Page()])
    with pytest.raises(GansuiteError, match="cannot be written"):
        observers.start(session(run))
    observers.end("GansuiteError")
    assert before.heard == ["end GansuiteError"]
    assert after.heard == []


def test_lines_are_at_most_one_per_pause_and_always_show_the_last_report(run: Run) -> None:
    clock, stream = Clock(), io.StringIO()
    lines = Lines(pause=10, stream=stream, clock=clock)
    lines.start(session(run))
    for step in range(1, 51):
        clock.now += 1
        lines.report(report(step))
    lines.end("interrupted")
    shown = [line.split()[1] for line in stream.getvalue().splitlines() if "/" in line]
    assert shown == ["1/100", "11/100", "21/100", "31/100", "41/100", "50/100"]


def test_a_line_says_step_speed_time_left_and_terms(run: Run) -> None:
    clock, stream = Clock(), io.StringIO()
    lines = Lines(stream=stream, clock=clock)
    lines.start(session(run, step=20))
    clock.now = 60
    lines.report(report(40, loss=0.12345))
    assert stream.getvalue().splitlines() == [
        "step 20 of 100",
        "step 40/100  640 examples/s  3 min 00 s left  critic/loss 0.123",
    ]


def test_time_spent_compiling_is_said_and_does_not_count_for_the_time_left(run: Run) -> None:
    clock, stream = Clock(), io.StringIO()
    lines = Together([Lines(stream=stream, clock=clock)])
    lines.start(session(run, step=20))
    lines.compiling("play")
    clock.now = 100
    lines.compiled("play")
    clock.now = 160
    lines.report(report(40, loss=0.12345))
    assert stream.getvalue().splitlines() == [
        "step 20 of 100",
        "compiling the steps of phase play",
        "step 40/100  640 examples/s  3 min 00 s left  critic/loss 0.123",
    ]


def test_verbose_lines_show_every_report_and_every_file(run: Run) -> None:
    stream = io.StringIO()
    lines = TalkativeLines(stream)
    lines.start(session(run))
    lines.report(report(10, a=1, b=2, c=3, d=4, e=5))
    lines.samples(10, [Path("seed-0.png")])
    lines.checkpoint(10, Path("step-10"))
    shown = stream.getvalue()
    assert "critic/e 5" in shown
    assert "drew seed-0.png" in shown
    assert "checkpoint step-10" in shown


def test_the_bar_shows_a_resumed_run_where_it_is(run: Run) -> None:
    stream = io.StringIO()
    bar = Bar(stream=stream)
    bar.start(session(run, step=40))
    bar.compiling("play")
    bar.compiled("play")
    bar.report(report(60, loss=0.5))
    bar.note("something to know")
    bar.end("done")
    shown = stream.getvalue()
    assert "60/100" in shown
    assert "60%" in shown
    assert "critic/loss 0.5" in shown
    assert "something to know\n" in shown
    assert "compiling play" in shown


def test_notes_show_nothing_else(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    notes = Notes()
    notes.start(session(run))
    notes.report(report(10))
    notes.note("fell back to the checkpoint before")
    notes.end("done")
    assert capsys.readouterr() == ("", "fell back to the checkpoint before\n")


def test_tensorboard_reads_back_the_terms_and_the_pictures(run: Run, tmp_path: Path) -> None:
    picture = tmp_path / "grid.png"
    Image.fromarray(np.zeros((8, 12), np.uint8)).save(picture)
    board = TensorBoard()
    board.start(session(run))
    board.report(report(10, loss=0.25))
    board.report(report(20, loss=0.5))
    board.samples(20, [picture, tmp_path / "seed-0.mid"])
    board.end("done")
    read = EventAccumulator(str(run.tensorboard)).Reload()
    tensors = {tag: read.Tensors(tag) for tag in read.Tags()["tensors"]}
    assert losses_shown(run) == [(10, 0.25), (20, 0.5)]
    width, height, encoded = tensors["samples/grid"][0].tensor_proto.string_val
    assert (width, height) == (b"12", b"8")
    assert Image.open(io.BytesIO(encoded)).size == (12, 8)


def losses_shown(run: Run) -> list[tuple[int, float]]:
    read = EventAccumulator(str(run.tensorboard)).Reload()
    events = read.Tensors("critic/loss")
    return [(event.step, float(tf.make_ndarray(event.tensor_proto))) for event in events]


def test_tensorboard_of_a_killed_and_resumed_run_has_each_step_once(run: Run) -> None:
    board = TensorBoard()
    board.start(session(run))
    for step in (10, 20, 30):
        board.report(report(step))
    # A process that is killed closes nothing, and may leave half an event.
    (file,) = run.tensorboard.glob("events.*")
    file.write_bytes(file.read_bytes()[:-7])
    resumed = TensorBoard()
    resumed.start(session(run, step=10))
    for step in (20, 30, 40):
        resumed.report(report(step, loss=7.0))
    resumed.end("done")
    assert losses_shown(run) == [(10, pytest.approx(0.1)), (20, 7.0), (30, 7.0), (40, 7.0)]
    before = file.read_bytes()
    again = TensorBoard()
    again.start(session(run, step=40))
    again.end("done")
    assert file.read_bytes() == before
    assert not [*run.tensorboard.glob(".*")]


def test_the_report_is_rewritten_when_there_is_something_new_but_not_all_the_time(run: Run) -> None:
    written: list[int] = []
    seconds = itertools.count(1)  # each look at the clock takes one, so a writing takes one too
    page = Page(share=0.1, clock=lambda: next(seconds))
    page.start(session(run))
    for step in range(1, 31):
        run.report_file.unlink(missing_ok=True)
        page.samples(step, [])
        written += [step] if run.report_file.exists() else []
    assert written == [1, 10, 19, 28]
    run.report_file.unlink(missing_ok=True)
    page.end("done")
    assert run.report_file.exists()


@pytest.mark.parametrize(
    ("quiet", "verbose", "talker"),
    [(True, False, Notes), (False, True, TalkativeLines), (False, False, Lines)],
)
def test_who_watches_by_default(quiet: bool, verbose: bool, talker: type[Observer]) -> None:
    kinds = [type(observer) for observer in default_observers(quiet=quiet, verbose=verbose)]
    assert kinds == [talker, Metrics, TensorBoard, Page]


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", terminal)
    assert isinstance(default_observers()[0], Bar)
