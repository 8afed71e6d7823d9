"""Piano-rolls as pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gansuite_music.config import Track
from gansuite_music.notes import TrackNotes, notes_of

PAPER = (255, 255, 255)
INK = (60, 60, 70)
BLACK_KEYS = (243, 244, 247)
BEAT_LINE = (226, 228, 234)
BAR_LINE = (150, 154, 165)
#: One for each track, then again from the first: distinct also to the colour-blind (Okabe and Ito 2008).
COLOURS = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233))
OCTAVE = 12
WIDTH = 560  # about, in pixels: pages show pictures at two thirds of their size, and labels stay readable
LONGEST_NAME = 160
OCTAVE_LABEL = 32
NAMES, OCTAVES, SMALL = (ImageFont.load_default(size) for size in (14, 12, 11))
MARGIN = 2  # pitches shown below and above those that sound


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How large things are drawn, in pixels."""

    step: int
    pitch: int
    labels: int
    gap: int


@dataclass(frozen=True, kw_only=True)
class Metre:
    """Where lines are drawn: steps in a beat and in a bar."""

    beat: int
    bar: int


def draw_phrase(roll: np.ndarray, tracks: Sequence[Track], low: int, metre: Metre) -> Image.Image:
    """Draw a phrase: a pane for each track with its name, bar and beat lines and the names of its Cs.

    Args:
        roll: bool (steps, tracks, pitches).
        tracks: the settings.
        low: MIDI pitch of the first.
        metre: where the lines are.
    """
    longest = max(NAMES.getlength(track.name) for track in tracks)
    labels = round(min(longest, LONGEST_NAME)) + OCTAVE_LABEL
    return _draw(
        roll, tracks, low, metre, Scale(step=max(4, WIDTH // len(roll)), pitch=5, labels=labels, gap=8)
    )


def draw_overview(
    rolls: np.ndarray, names: Sequence[str], tracks: Sequence[Track], low: int, metre: Metre
) -> Image.Image:
    """Draw several phrases small, side by side, with their names, below the colours of the tracks.

    Args:
        rolls: bool (phrases, steps, tracks, pitches).
        names: of the phrases.
        tracks, low, metre: as for `draw_phrase`.
    """
    scale = Scale(step=max(1, 240 // rolls.shape[1]), pitch=2, labels=0, gap=3)
    pictures = [_draw(roll, tracks, low, metre, scale) for roll in rolls]
    columns = min(4, math.ceil(math.sqrt(len(pictures))))
    title, space = 16, 10
    width = max(picture.width for picture in pictures) + space
    rows = [pictures[at : at + columns] for at in range(0, len(pictures), columns)]
    heights = [max(picture.height for picture in row) + title + space for row in rows]
    legend = _legend(tracks, width * columns)
    above = legend.height + space
    page = Image.new("RGB", (width * columns + space, above + sum(heights)), PAPER)
    page.paste(legend, (space, space))
    pen = ImageDraw.Draw(page)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        corner = (space + column * width, above + sum(heights[:row]))
        pen.text(corner, names[index], INK, SMALL)
        page.paste(picture, (corner[0], corner[1] + title))
    return page


def _legend(tracks: Sequence[Track], width: int) -> Image.Image:
    """The tracks' names after their colours, in as many lines as they take."""
    line, box, apart = 18, 10, 16
    places, x, y = [], 0, 0
    for track in tracks:
        name = _fitting(track.name, SMALL)
        long = box + 4 + round(SMALL.getlength(name)) + apart
        if x and x + long > width:
            x, y = 0, y + line
        places.append((x, y, name))
        x += long
    page = Image.new("RGB", (width, y + line), PAPER)
    pen = ImageDraw.Draw(page)
    for index, (x, y, name) in enumerate(places):
        pen.rectangle((x, y + 2, x + box, y + 2 + box), COLOURS[index % len(COLOURS)])
        pen.text((x + box + 4, y), name, INK, SMALL)
    return page


def _fitting(name: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """As much of a name as there is room for."""
    while font.getlength(name) > LONGEST_NAME:
        name = name[:-1]
    return name


def _draw(roll: np.ndarray, tracks: Sequence[Track], low: int, metre: Metre, scale: Scale) -> Image.Image:
    ranges = [_shown(roll[:, index]) for index in range(len(tracks))]
    heights = [(last - first + 1) * scale.pitch for first, last in ranges]
    width = scale.labels + len(roll) * scale.step + 1
    page = Image.new("RGB", (width, sum(heights) + scale.gap * (len(tracks) + 1)), PAPER)
    pen = ImageDraw.Draw(page)
    top = scale.gap
    for index, track in enumerate(tracks):
        first, last = ranges[index]
        pane = _Pane(pen, scale, top, top + heights[index], low + first, low + last)
        pane.background(len(roll), metre)
        pane.labels(track.name)
        pane.notes(notes_of(roll[:, index], low, drum=track.drum), COLOURS[index % len(COLOURS)])
        top += heights[index] + scale.gap
    return page


def _shown(roll: np.ndarray) -> tuple[int, int]:
    """Return the first and last pitch to show of a track: those that sound, and an octave at least."""
    count = roll.shape[1]
    used = np.flatnonzero(roll.any(axis=0))
    first, last = (int(used[0]), int(used[-1])) if len(used) else (count // 2, count // 2)
    first, last = first - MARGIN, last + MARGIN
    missing = max(0, OCTAVE - (last - first))
    first, last = first - missing // 2, last + (missing + 1) // 2
    return max(0, first), min(count - 1, last)


@dataclass(frozen=True)
class _Pane:
    pen: ImageDraw.ImageDraw
    scale: Scale
    top: int
    bottom: int
    lowest: int
    highest: int

    def background(self, steps: int, metre: Metre) -> None:
        left, right = self.scale.labels, self.scale.labels + steps * self.scale.step
        for pitch in range(self.lowest, self.highest + 1):
            if pitch % OCTAVE in (1, 3, 6, 8, 10):
                y = self._y(pitch)
                self.pen.rectangle((left, y, right, y + self.scale.pitch - 1), BLACK_KEYS)
        for step in range(0, steps + 1, metre.beat):
            x = left + step * self.scale.step
            self.pen.line((x, self.top, x, self.bottom), BAR_LINE if step % metre.bar == 0 else BEAT_LINE)
        self.pen.line((left, self.bottom, right, self.bottom), BAR_LINE)
        self.pen.line((left, self.top, right, self.top), BAR_LINE)

    def labels(self, name: str) -> None:
        if not self.scale.labels:
            return
        self.pen.text((2, self.top), _fitting(name, NAMES), INK, NAMES)
        for pitch in range(self.lowest, self.highest + 1):
            if pitch % OCTAVE == 0:
                x, y = self.scale.labels - 4, self._y(pitch) + self.scale.pitch // 2
                self.pen.text((x, y), f"C{pitch // OCTAVE - 1}", INK, OCTAVES, anchor="rm")

    def notes(self, notes: TrackNotes, colour: tuple[int, int, int]) -> None:
        edge = tuple(part * 2 // 3 for part in colour)
        for start, end, pitch in zip(notes.start, notes.end, notes.pitch, strict=True):
            left, right = (self.scale.labels + int(step) * self.scale.step for step in (start, end))
            y = self._y(int(pitch))
            self.pen.rectangle((left, y, max(left, right - 1), y + self.scale.pitch - 1), colour)
            self.pen.line((left, y, left, y + self.scale.pitch - 1), edge)

    def _y(self, pitch: int) -> int:
        return self.top + (self.highest - pitch) * self.scale.pitch
