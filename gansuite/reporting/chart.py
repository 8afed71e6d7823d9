"""A chart of one loss term over the steps, as inline SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gansuite.reporting.curves import Point, smoothed, span, thinned, tick_labels, ticks, unbroken
from gansuite.reporting.figures import figure
from gansuite.reporting.markup import Element, element

WIDTH, HEIGHT = 420, 230
LEFT, RIGHT, TOP, BOTTOM = 60, 26, 16, 40
POINTS = 500
FEW = 40  # with fewer points a smoothed curve says nothing the points do not


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Maps steps and values into the picture."""

    x: tuple[float, float]
    y: tuple[float, float]

    def at_x(self, value: float) -> float:
        """Where a step lies, in pixels from the left."""
        return LEFT + (value - self.x[0]) / (self.x[1] - self.x[0]) * (WIDTH - LEFT - RIGHT)

    def at_y(self, value: float) -> float:
        """Where a value lies, in pixels from the top."""
        return HEIGHT - BOTTOM - (value - self.y[0]) / (self.y[1] - self.y[0]) * (HEIGHT - TOP - BOTTOM)

    def clipped(self, value: float) -> float:
        """Move a value outside the scale to its edge; NaN and infinity stay."""
        return min(max(value, self.y[0]), self.y[1]) if math.isfinite(value) else value


def chart(name: str, points: Sequence[Point], *, of: str, phases: Sequence[tuple[int, str]] = ()) -> Element:
    """Draw a term over the steps, with what is not finite marked on the axis.

    Args:
        name: what is drawn.
        of: whose it is.
        points: (step, value), steps ascending; at least one.
        phases: (first step, name) of each phase, marked where there are several.
    """
    finite = [y for _, y in points if math.isfinite(y)]
    title = element("span", of, " ", element("strong", name))
    heading = element("figcaption", title, element("span", _latest(points), class_="value"))
    if not finite:
        return element("figure", heading, element("p", "Never finite."), class_="chart")
    steps = [x for x, _ in points]
    scale = Scale(x=(0, max(*steps, 1)), y=span(finite))
    drawing = element(
        "svg",
        element("title", f"{of} {name} by step"),
        *_axes(scale),
        *_phase_marks(scale, phases),
        *_curves(scale, points),
        *_gaps(scale, points),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
    )
    return element("figure", heading, drawing, _beyond(scale, finite), class_="chart")


def _latest(points: Sequence[Point]) -> str:
    value = points[-1][1]
    return figure(value) if math.isfinite(value) else "not finite"


def _axes(scale: Scale) -> list[Element]:
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    heights = ticks(*scale.y, 4)
    for value, label in zip(heights, tick_labels(heights), strict=True):
        y = round(scale.at_y(value), 1)
        parts.append(element("line", x1=LEFT, x2=right, y1=y, y2=y, class_="grid"))
        parts.append(element("text", label, x=LEFT - 6, y=y + 5, class_="tick left"))
    places = ticks(*scale.x, 5)
    for value, label in zip(places, tick_labels(places), strict=True):
        x = round(scale.at_x(value), 1)
        parts.append(element("line", x1=x, x2=x, y1=floor, y2=floor + 4, class_="axis"))
        parts.append(element("text", label, x=x, y=floor + 19, class_="tick"))
    parts.append(element("line", x1=LEFT, x2=right, y1=floor, y2=floor, class_="axis"))
    parts.append(element("text", "step", x=right, y=HEIGHT - 4, class_="tick left"))
    return parts


def _phase_marks(scale: Scale, phases: Sequence[tuple[int, str]]) -> list[Element]:
    parts = []
    for first, name in phases if len(phases) > 1 else ():
        x = round(scale.at_x(first), 1)
        parts.append(element("line", x1=x, x2=x, y1=TOP, y2=HEIGHT - BOTTOM, class_="phase"))
        parts.append(element("text", name, x=x + 4, y=TOP + 9, class_="tick right"))
    return parts


def _curves(scale: Scale, points: Sequence[Point]) -> list[Element]:
    shown = [(x, scale.clipped(y)) for x, y in points]
    many = len(shown) >= FEW
    parts = _lines(scale, thinned(shown, POINTS), "raw" if many else "smooth")
    if many:
        # One value far off the scale would pull the mean off it too.
        parts += _lines(scale, thinned(smoothed(shown, len(shown) / 50), POINTS), "smooth")
    return parts


def _lines(scale: Scale, points: Sequence[Point], kind: str) -> list[Element]:
    return [_piece(scale, piece, kind) for piece in unbroken(points)]


def _piece(scale: Scale, piece: Sequence[Point], kind: str) -> Element:
    places = [(scale.at_x(x), scale.at_y(y)) for x, y in piece]
    if len(places) == 1:
        return element(
            "circle", cx=round(places[0][0], 1), cy=round(places[0][1], 1), r=2.5, class_=f"dot {kind}"
        )
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in places), class_=f"curve {kind}")


def _gaps(scale: Scale, points: Sequence[Point]) -> list[Element]:
    lost = [(x, 0.0) for x, y in points if not math.isfinite(y)]
    floor = HEIGHT - BOTTOM
    places = [round(scale.at_x(x), 1) for x, _ in thinned(lost, POINTS)]
    return [element("line", x1=x, x2=x, y1=floor - 8, y2=floor, class_="lost") for x in places]


def _beyond(scale: Scale, finite: Sequence[float]) -> Element | None:
    low, high = min(finite), max(finite)
    outside = [figure(end) for end, cut in ((low, low < scale.y[0]), (high, high > scale.y[1])) if cut]
    return element("p", "off the scale: " + ", ".join(outside), class_="aside") if outside else None
