"""The chorales of J. S. Bach that music21 carries, as MIDI files of four voices."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import symusic

from gansuite.data.workers import Unusable, read_all
from gansuite_music.musicxml import Measure, joined, measure_starts, read_parts

if TYPE_CHECKING:
    from gansuite.data.cards import Card

VOICES = ("Soprano", "Alto", "Tenor", "Bass")
CHOIR = 52
TICKS = 480
TEMPO = 100.0
VELOCITY = 80


def write_midi_folder(card: Card, source: Path | None) -> Path:
    """Write the chorales as MIDI files, unless that was done before; the loader of the card `chorales`.

    Every file has the tracks Soprano, Alto, Tenor and Bass of a chorale's choir (instruments that double or
    accompany it are left out). Bar lines fall on whole bars: a pickup is preceded by rests. Tied notes are
    one note; repeats are not played twice.

    Args:
        card: `gansuite.data.cards.card("chorales")`.
        source: a copy of music21's folder `corpus`; the installed one if None.

    Returns:
        The folder: `bwv269.mid` and so on.

    Raises:
        DataError: there is no corpus, or the folder cannot be written.
    """
    from gansuite.data.placing import place  # not at the top: workers import this module too

    return place(
        card, lambda folder: _write_all(_scores(source or _corpus()), folder), again=source is not None
    )


def _corpus() -> Path:
    from gansuite.errors import DataError

    spec = find_spec("music21")
    if spec is None or not spec.submodule_search_locations:
        raise DataError("music21, which carries the chorales, is not installed", hint="pip install music21")
    return Path(spec.submodule_search_locations[0]) / "corpus"


def _scores(corpus: Path) -> list[Path]:
    from gansuite.errors import DataError

    numbered = _riemenschneider()
    found = {
        path.stem: path for path in sorted((corpus / "bach").glob("bwv*")) if path.suffix in (".mxl", ".xml")
    }
    scores = [found[name] for name in sorted(set(numbered)) if name in found]
    if not scores:
        raise DataError(
            "no scores of chorales here", where=str(corpus), hint="Name music21's own folder, music21/corpus."
        )
    return scores


def _riemenschneider() -> list[str]:
    """Return the scores of the 371 chorales of Riemenschneider's edition; some numbers share a score."""
    from music21.corpus import chorales

    return [Path(name).name for name in chorales.Iterator(returnType="filename")]


def _write_all(scores: Sequence[Path], folder: Path) -> None:
    from gansuite.data.progress import note, progress

    skipped: dict[str, list[str]] = {}
    answers = read_all("gansuite_music.chorales:midi_of_score", scores, {})
    for answer in progress(answers, "writing chorales as MIDI files", total=len(scores)):
        if answer.reason is None:
            (folder / f"{answer.path.stem}.mid").write_bytes(answer.parts[0])
        else:
            skipped.setdefault(answer.reason, []).append(answer.path.stem)
    for reason, names in skipped.items():
        note(f"left out, {reason}: {', '.join(names)}")


def midi_of_score(path: Path, _: Any) -> tuple[None, list[bytes]]:
    """Return a chorale's score as a MIDI file; runs in a worker process.

    Raises:
        Unusable: it is not in four voices.
    """
    parts = read_parts(path)
    missing = [voice for voice in VOICES if voice not in parts]
    if missing:
        raise Unusable("not for one soprano, alto, tenor and bass")
    return None, [_midi([parts[voice] for voice in VOICES])]


def _midi(voices: Sequence[Sequence[Measure]]) -> bytes:
    together = list(zip(*voices, strict=True))
    bars = [measures[0].bar for measures in together]
    starts = measure_starts([max(measure.length for measure in measures) for measures in together], bars)
    score = symusic.Score(TICKS)
    score.tempos.append(symusic.Tempo(0, TEMPO))
    for start, metre in _metres(voices[0], starts):
        score.time_signatures.append(symusic.TimeSignature(_ticks(start), *metre))
    for name, measures in zip(VOICES, voices, strict=True):
        track = symusic.Track(name, CHOIR, is_drum=False)
        for note in joined(measures, starts):
            begin = _ticks(note.start)
            track.notes.append(
                symusic.Note(begin, _ticks(note.start + note.length) - begin, note.pitch, VELOCITY)
            )
        score.tracks.append(track)
    return bytes(score.dumps_midi())


def _metres(
    measures: Sequence[Measure], starts: Sequence[Fraction]
) -> list[tuple[Fraction, tuple[int, int]]]:
    """Return the metres and the quarters they begin at; the first begins with the rests before a pickup."""
    changes = [(Fraction(0), measures[0].metre)]
    for measure, start in zip(measures, starts, strict=True):
        if measure.metre != changes[-1][1]:
            changes.append((start, measure.metre))
    return changes


def _ticks(quarters: Fraction) -> int:
    return round(quarters * TICKS)
