"""report.html: one page that needs nothing but itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gansuite.files import write_atomically
from gansuite.reporting.chart import FEW, chart
from gansuite.reporting.figures import duration, figure
from gansuite.reporting.markup import Element, element, written
from gansuite.reporting.media import Budget, earlier_samples, latest_samples, sample_folders, spread
from gansuite.reporting.records import (
    Evaluation,
    Row,
    flattened,
    read_environment,
    read_evaluation,
    read_rows,
    read_scores,
    read_settings,
    trained_for,
)

if TYPE_CHECKING:
    from gansuite.runs import Run

LATEST_BYTES = 6_000_000
EARLIER_BYTES = 2_500_000
EARLIER = 8
# No script, no address: what the page may load is what it carries.
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"


def write_report(run: Run) -> Path:
    """Write a run's report.html from the files of its directory.

    The page carries its curves, pictures, sounds and MIDI files, is smaller than 10 MB, runs no script and
    asks for no address. What is missing from the directory is missing from the page.

    Raises:
        OSError: the page could not be written.
    """
    rows = read_rows(run.metrics_file)
    settings = read_settings(run.config_file)
    sections = [
        _heading(run, rows, settings),
        _evaluation(read_evaluation(run.evaluation_file)),
        *_samples(run.samples),
        *_progress(read_scores(run.scores_file)),
        *_curves(rows),
        _table("Settings", settings),
        _table("Environment", read_environment(run.environment_file)),
    ]
    style = Path(__file__).with_name("report.css").read_text("utf-8")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{run.plugin} · {run.path.name}"),
        element("style", style),
    )
    page = element("html", head, element("body", element("main", *sections)), lang="en")
    write_atomically(run.report_file, written(page))
    return run.report_file


def _heading(run: Run, rows: Sequence[Row], settings: dict[str, Any]) -> Element:
    facts = [str(run.path)]
    if rows:
        steps = settings.get("training", {}).get("steps")
        facts.append(f"step {rows[-1].step:,}" + (f" of {steps:,}" if isinstance(steps, int) else ""))
        facts.append(duration(trained_for(rows)))
    else:
        facts.append("nothing reported yet")
    return element("header", element("h1", run.plugin), *[element("span", fact) for fact in facts])


def _evaluation(evaluation: Evaluation) -> Element | None:
    if not evaluation.scores:
        return None
    titles = element(
        "tr", *[element("th", title) for title in ("figure", "this run", "held-out data", "meaning")]
    )
    lines = [
        element(
            "tr",
            element("th", score.name),
            element("td", _value(score.value), class_="number"),
            element("td", "" if score.reference is None else _value(score.reference), class_="number"),
            element("td", score.meaning),
        )
        for score in evaluation.scores
    ]
    table = _scrolled("scores", element("thead", titles), lines)
    facts = element("p", " · ".join(evaluation.facts), class_="aside")
    return element("section", element("h2", "Evaluation"), facts, table)


def _value(value: float) -> str:
    return figure(value) if math.isfinite(value) else "undefined"


def _samples(samples: Path) -> list[Element | None]:
    folders = sample_folders(samples)
    if not folders:
        return []
    newest, budget = folders[-1], Budget(left=LATEST_BYTES)
    latest = latest_samples(newest[1], budget)
    earlier_budget = Budget(left=EARLIER_BYTES, left_out=budget.left_out)
    strip = earlier_samples(spread(folders[:-1], EARLIER), earlier_budget)
    lost = "Not on this page: " + ", ".join(budget.left_out)
    section = element(
        "section",
        element("h2", f"Samples at step {newest[0]:,}"),
        latest,
        element("p", lost, class_="aside") if budget.left_out else None,
    )
    return [section, _titled("How they came about", strip)]


def _curves(rows: Sequence[Row]) -> list[Element | None]:
    if not rows:
        return []
    phases = [(next(group).step, name) for name, group in groupby(rows, key=lambda row: row.phase)]
    names = dict.fromkeys(name for row in rows for name in row.terms)
    charts = [
        chart(name.split("/", 1)[-1], _points(rows, name), of=name.split("/", 1)[0], phases=phases)
        for name in sorted(names, key=lambda name: name.split("/", 1)[0])
    ]
    pace = [(float(row.step), row.examples_per_second) for row in rows]
    charts.append(chart("examples per second", pace, of="speed", phases=phases))
    held = [(float(row.step), row.memory / 2**20) for row in rows if math.isfinite(row.memory)]
    if held:
        charts.append(chart("memory in MiB", held, of="machine", phases=phases))
    return [element("h2", "Training"), _legend(rows), element("div", *charts, class_="charts")]


def _progress(evaluations: Sequence[tuple[int, Mapping[str, float]]]) -> list[Element | None]:
    curves: dict[str, list[tuple[float, float]]] = {}
    for step, values in evaluations:
        for name, value in values.items():
            curves.setdefault(name, []).append((float(step), value))
    charts = [chart(name, points, of="score") for name, points in curves.items()]
    return [element("h2", "Scores"), element("div", *charts, class_="charts")] if charts else []


def _points(rows: Iterable[Row], name: str) -> list[tuple[float, float]]:
    return [(float(row.step), row.terms[name]) for row in rows if name in row.terms]


def _legend(rows: Sequence[Row]) -> Element:
    entries = (
        [("smooth", "running mean"), ("raw", "each report")]
        if len(rows) >= FEW
        else [("smooth", "each report")]
    )
    if any(not math.isfinite(value) for row in rows for value in row.terms.values()):
        entries.append(("lost", "not finite"))
    return element(
        "p", *[element("span", text, class_=f"key {kind}") for kind, text in entries], class_="legend"
    )


def _table(title: str, tree: dict[str, Any]) -> Element | None:
    lines = [
        element("tr", element("th", element("code", path)), element("td", value))
        for path, value in flattened(tree)
    ]
    if not lines:
        return None
    return element("details", element("summary", element("h2", title)), _scrolled("pairs", None, lines))


def _titled(title: str, content: Element | None) -> Element | None:
    return None if content is None else element("section", element("h2", title), content)


def _scrolled(kind: str, head: Element | None, lines: Sequence[Element]) -> Element:
    return element("div", element("table", head, element("tbody", *lines), class_=kind), class_="scrolled")
