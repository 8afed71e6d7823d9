"""MusicXML scores as parts of notes: what runs in a worker process, so it imports little.

Reads what the scores of music21's corpus use: pitches, durations, chords, several voices in a part, ties,
rests, time signatures. Several times faster than parsing into music21's objects, and gives the same notes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as Tree

from gansuite.data.workers import Unusable

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
MAX_BYTES = 64 << 20


@dataclass(frozen=True)
class Note:
    """A note: start and length in quarters from the beginning of its measure or piece, MIDI pitch."""

    start: Fraction
    length: Fraction
    pitch: int


@dataclass
class Measure:
    """What one part has in one measure.

    Args:
        notes: with starts counted from the measure's.
        tied: pitches and starts of notes that go on an earlier one.
        length: quarters that are filled.
        metre: (beats, beat type) in force.
    """

    metre: tuple[int, int]
    notes: list[Note] = field(default_factory=list)
    tied: set[tuple[Fraction, int]] = field(default_factory=set)
    length: Fraction = Fraction(0)

    @property
    def bar(self) -> Fraction:
        """Quarters in a whole bar of this metre."""
        return Fraction(4 * self.metre[0], self.metre[1])


def read_parts(path: Path) -> dict[str, list[Measure]]:
    """Read a score's parts: their names (numbered where two are the same) and measures.

    Raises:
        Unusable: it is not a MusicXML score.
        OSError: it cannot be opened.
    """
    try:
        root = Tree.fromstring(_document(path))  # noqa: S314 - expat has its own limit on entities
    except (Tree.ParseError, zipfile.BadZipFile, KeyError, StopIteration) as error:
        raise Unusable("not a MusicXML score") from error
    titles = {part.get("id"): (part.findtext("part-name") or "").strip() for part in root.iter("score-part")}
    parts: dict[str, list[Measure]] = {}
    for part in root.iter("part"):
        title = titles.get(part.get("id")) or "Part"
        name = title if title not in parts else f"{title} {len(parts) + 1}"
        parts[name] = list(_measures(part))
    return parts


def _document(path: Path) -> bytes:
    if path.suffix != ".mxl":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        names = (name for name in archive.namelist() if name.endswith((".xml", ".musicxml")))
        name = next(name for name in names if not name.startswith("META-INF"))
        if archive.getinfo(name).file_size > MAX_BYTES:
            raise Unusable(f"larger than {MAX_BYTES >> 20} MiB")
        return archive.read(name)


def _measures(part: Tree.Element) -> Iterator[Measure]:
    divisions, metre = 1, (4, 4)
    for element in part.iter("measure"):
        divisions = int(element.findtext("attributes/divisions") or divisions)
        beats, beat_type = (
            element.findtext("attributes/time/beats"),
            element.findtext("attributes/time/beat-type"),
        )
        if beats and beat_type:
            metre = (int(beats), int(beat_type))
        measure = Measure(metre)
        _fill(measure, element, divisions)
        yield measure


def _fill(measure: Measure, element: Tree.Element, divisions: int) -> None:
    now = onset = Fraction(0)
    for child in element:
        if child.tag not in ("note", "backup", "forward"):
            continue
        length = Fraction(child.findtext("duration") or "0") / divisions
        if child.tag == "backup":
            now -= length
            continue
        if child.tag == "note" and child.find("chord") is None:
            onset = now
        if child.tag == "note":
            _add(measure, child, onset, length)
        if child.find("chord") is None:
            now += length
        measure.length = max(measure.length, now)


def _add(measure: Measure, element: Tree.Element, onset: Fraction, length: Fraction) -> None:
    pitch = element.find("pitch")
    if pitch is None or not length:  # a rest, or a grace note, which takes no time
        return
    step, octave = pitch.findtext("step") or "C", pitch.findtext("octave") or "4"
    number = 12 * (int(octave) + 1) + SEMITONES[step] + round(float(pitch.findtext("alter") or 0))
    measure.notes.append(Note(onset, length, number))
    if any(tie.get("type") == "stop" for tie in element.iter("tie")):
        measure.tied.add((onset, number))


def measure_starts(lengths: Sequence[Fraction], bars: Sequence[Fraction]) -> list[Fraction]:
    """Return where measures begin, in quarters, so that bar lines fall on whole bars.

    A pickup goes to the end of a bar of its own. Where a bar is written as two short measures, as around a
    repeat, they stay together; any other short measure is filled up with a rest.

    Args:
        lengths: quarters written in each measure.
        bars: quarters in a whole bar of its metre.
    """
    starts: list[Fraction] = []
    bar_begins = Fraction(0)
    now = max(Fraction(0), bars[0] - lengths[0])
    for length, bar in zip(lengths, bars, strict=True):
        if now > bar_begins and now + length > bar_begins + bar:  # does not fit into what is left of a bar
            bar_begins = now = bar_begins + bar
        starts.append(now)
        now += length
        while now >= bar_begins + bar:
            bar_begins += bar
    return starts


def joined(measures: Sequence[Measure], starts: Sequence[Fraction]) -> list[Note]:
    """Return the notes of a part with their starts counted from the piece's, tied ones as one."""
    notes: list[Note] = []
    latest: dict[int, int] = {}  # where in notes the last one of a pitch is
    for measure, begin in zip(measures, starts, strict=True):
        for note in sorted(measure.notes, key=lambda note: note.start):
            start = begin + note.start
            before = notes[latest[note.pitch]] if note.pitch in latest else None
            tied = (note.start, note.pitch) in measure.tied
            if tied and before is not None and before.start + before.length == start:
                notes[latest[note.pitch]] = replace(before, length=before.length + note.length)
            else:
                latest[note.pitch] = len(notes)
                notes.append(replace(note, start=start))
    return notes
