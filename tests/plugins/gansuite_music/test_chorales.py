from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import mido
import pytest
from music21 import converter, corpus

from gansuite.data.cards import card
from gansuite.data.workers import Unusable
from gansuite.errors import DataError
from gansuite_music.chorales import VOICES, midi_of_score, write_midi_folder
from gansuite_music.musicxml import joined, measure_starts, read_parts

#: With a pickup and repeats; instruments beside the choir; 3/4; 12/8; both 4/4 and 3/2; an uncompressed file.
SCORES = ("bwv269", "bwv1.6", "bwv122.6", "bwv281", "bwv248.42-4", "bwv69.6", "bwv362")


def score_of(name: str) -> Path:
    folder = Path(str(corpus.getWork("bach/bwv269"))).parent
    return next(path for path in (folder / f"{name}.mxl", folder / f"{name}.xml") if path.exists())


@pytest.mark.parametrize("name", SCORES)
def test_scores_have_the_notes_that_music21_reads(name: str) -> None:
    parts = read_parts(score_of(name))
    theirs = {part.partName: part for part in converter.parse(score_of(name), forceSource=True).parts}
    for voice in VOICES:
        measures, starts = parts[voice], [Fraction(0)]
        for measure in measures[:-1]:
            starts.append(starts[-1] + measure.length)
        ours = sorted((note.start, note.length, note.pitch) for note in joined(measures, starts))
        wanted = sorted(
            (Fraction(note.offset), Fraction(note.quarterLength), pitch.midi)
            for note in theirs[voice].stripTies().flatten().notes
            for pitch in note.pitches
        )
        assert ours == wanted


def starts_of(*lengths: int, bar: int = 4) -> list[int]:
    return [
        int(start)
        for start in measure_starts([Fraction(one) for one in lengths], [Fraction(bar)] * len(lengths))
    ]


def test_bar_lines_fall_on_whole_bars() -> None:
    assert starts_of(4, 4, 4) == [0, 4, 8]
    assert starts_of(1, 4, 4) == [3, 4, 8], "a pickup ends its bar"
    assert starts_of(1, 4, 3, 1, 4) == [3, 4, 8, 11, 12], "two short measures make one bar"
    assert starts_of(4, 3, 4, 4) == [0, 4, 8, 12], "a short measure is filled up"
    assert starts_of(4, 2, 1, 4) == [0, 4, 6, 8]
    assert starts_of(4, 8, 4) == [0, 4, 12], "a measure of two bars stays whole"


def test_chorale_becomes_four_tracks_whose_bar_lines_fit(tmp_path: Path) -> None:
    path = tmp_path / "bwv269.mid"
    path.write_bytes(midi_of_score(score_of("bwv269"), {})[1][0])
    song = mido.MidiFile(path)
    assert [track.name for track in song.tracks if track.name in VOICES] == list(VOICES)
    signatures = [message for track in song.tracks for message in track if message.type == "time_signature"]
    assert [(one.numerator, one.denominator) for one in signatures] == [(3, 4)]
    ticks = song.ticks_per_beat
    soprano = next(track for track in song.tracks if track.name == "Soprano")
    now, onsets = 0, []
    for message in soprano:
        now += message.time
        if message.type == "note_on" and message.velocity:
            onsets.append((now / ticks, message.note))
    assert onsets[:4] == [(2, 67), (3, 67), (5, 74), (6, 71)], "the pickup of a beat comes after two of rest"


def test_all_chorales_are_written_once(data_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = write_midi_folder(card("chorales"), None)
    files = sorted(folder.iterdir())
    assert folder == data_home / "datasets" / "chorales"
    assert len(files) > 340
    assert "left out, not for one soprano, alto, tenor and bass: bwv27.6, bwv41.6" in capfd.readouterr().err
    for file in files[::50]:
        assert len(mido.MidiFile(file).tracks) in (4, 5)
    before = [file.stat().st_mtime_ns for file in files]
    assert write_midi_folder(card("chorales"), None) == folder
    assert [file.stat().st_mtime_ns for file in sorted(folder.iterdir())] == before


def test_folder_without_scores_says_what_to_name(tmp_path: Path, data_home: Path) -> None:
    with pytest.raises(DataError, match="no scores of chorales") as refused:
        write_midi_folder(card("chorales"), tmp_path)
    assert "music21/corpus" in str(refused.value)
    assert not (data_home / "datasets" / "chorales").exists()


@pytest.mark.parametrize("name", ["a.mxl", "a.xml"])
def test_what_is_no_score_is_unusable(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK no score")
    with pytest.raises(Unusable, match="not a MusicXML score"):
        read_parts(path)
