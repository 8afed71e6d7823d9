from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from gansuite_music import figures
from gansuite_music.keys import shift_to_c

LOW = 60
MINOR_THIRD, MAJOR_THIRD, FIFTH = 3, 4, 7


def rolls_of(*phrases: list[tuple[int, int, int, int]], steps: int = 8, tracks: int = 1) -> np.ndarray:
    """Return piano-rolls of (first step, steps, track, semitones above middle C)."""
    rolls = np.zeros((len(phrases), steps, tracks, 24), bool)
    for roll, notes in zip(rolls, phrases, strict=True):
        for start, length, track, pitch in notes:
            roll[start : start + length, track, pitch] = True
    return rolls


SILENCE = rolls_of([])
NO_PHRASES = np.zeros((0, 8, 1, 24), bool)
MELODIC, DRUMS = np.array([False]), np.array([True])


def test_qualified_notes_are_those_that_last() -> None:
    rolls = rolls_of([(0, 1, 0, 0), (2, 2, 0, 0), (4, 4, 0, 2)], [(7, 1, 0, 5)])
    assert figures.qualified_notes(rolls, 1) == 1
    assert figures.qualified_notes(rolls, 2) == 2 / 4
    assert figures.qualified_notes(rolls, 3) == 1 / 4
    assert figures.qualified_notes(rolls, 9) == 0


def test_note_density_counts_beginnings() -> None:
    rolls = rolls_of([(0, 8, 0, 0), (0, 4, 1, 0), (4, 4, 1, 2)], [], tracks=2)
    assert figures.note_density(rolls) == 3 / 16


def test_polyphony_counts_steps_with_three_notes() -> None:
    rolls = rolls_of([(0, 4, 0, 0), (0, 2, 0, 4), (1, 3, 1, 7)], tracks=2)
    assert figures.polyphony(rolls) == 1 / 8
    assert figures.polyphony(rolls, least=2) == 4 / 8


def test_pitch_classes_count_steps_from_c() -> None:
    rolls = rolls_of([(0, 2, 0, 0), (0, 3, 0, 12), (0, 1, 0, 11)])
    assert figures.pitch_classes(rolls, 60)[0, 0].tolist() == [5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert figures.pitch_classes(rolls, 61)[0, 0].tolist() == [1, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]


def test_scale_consistency_takes_each_phrases_best_scale() -> None:
    c_major = [(step, 1, 0, pitch) for step, pitch in enumerate((0, 2, 4, 5, 7, 9, 11, 12))]
    f_sharp_major = [(step, 1, 0, pitch + 6) for step, _, _, pitch in c_major]
    assert figures.scale_consistency(rolls_of(c_major, f_sharp_major, []), LOW) == 1
    chromatic = [(step, 1, 0, step) for step in range(12)]
    assert figures.scale_consistency(rolls_of(chromatic, steps=12), LOW) == pytest.approx(7 / 12)
    assert figures.scale_consistency(rolls_of(c_major, chromatic, steps=12), LOW) == pytest.approx(19 / 24)


def test_pitch_class_entropy_is_in_bits() -> None:
    even = [(2 * index, 2, 0, pitch) for index, pitch in enumerate((0, 4, 7, 11))]
    assert figures.pitch_class_entropy(rolls_of(even), LOW) == pytest.approx(2)
    assert figures.pitch_class_entropy(rolls_of([(0, 8, 0, 0)], even), LOW) == pytest.approx(1)
    uneven = [(0, 6, 0, 0), (6, 2, 0, 7)]
    wanted = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))
    assert figures.pitch_class_entropy(rolls_of(uneven), LOW) == pytest.approx(wanted)


def test_empty_bars_and_used_pitch_classes_are_per_bar_and_track() -> None:
    rolls = rolls_of([(0, 1, 0, 0), (1, 1, 0, 12), (2, 1, 0, 7), (4, 4, 0, 2), (5, 1, 1, 0)], tracks=2)
    assert figures.empty_bars(rolls, 4).tolist() == [0, 0.5]
    assert figures.used_pitch_classes(rolls, LOW, 4).tolist() == [1.5, 1]
    assert figures.used_pitch_classes(rolls, 62, 4).tolist() == [1.5, 1]


def test_groove_is_consistent_where_bars_share_their_rhythm() -> None:
    same = [(0, 1, 0, 0), (2, 1, 0, 4), (4, 1, 0, 7), (6, 1, 0, 0)]
    assert figures.groove_consistency(rolls_of(same), 4, MELODIC) == 1
    assert figures.groove_consistency(rolls_of([*same, (7, 1, 0, 2)]), 4, MELODIC) == 3 / 4
    assert figures.groove_consistency(rolls_of([*same, (7, 1, 0, 2)], same), 4, MELODIC) == 7 / 8
    assert math.isnan(figures.groove_consistency(rolls_of(same), 8, MELODIC))


def test_every_step_of_a_drum_counts_for_the_groove() -> None:
    strokes = rolls_of([(0, 1, 0, 0), (1, 1, 0, 0), (4, 1, 0, 0)])
    assert figures.groove_consistency(strokes, 4, MELODIC) == 1
    assert figures.groove_consistency(strokes, 4, DRUMS) == 3 / 4


def chord(*pitches: int) -> list[tuple[int, int, int, int]]:
    return [(0, 4, 0, pitch) for pitch in pitches]


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [
        ((0, 4, 7), (9, 12, 16), 0.799),  # C and A minor
        ((0, 4, 7), (7, 11, 14), 1.213),  # C and G
        ((0, 4, 7), (6, 10, 13), 1.970),  # C and F sharp
        ((0,), (0, 4, 7), 1.029),  # the note C and its chord
        ((0, 4, 7), (12, 16, 19), 0.0),
    ],
)
def test_tonal_distance_is_that_of_harte(
    first: tuple[int, ...], second: tuple[int, ...], distance: float
) -> None:
    notes = [*chord(*first), *((0, 4, 1, pitch) for pitch in second)]
    rolls = rolls_of(notes, steps=4, tracks=2)
    assert figures.tonal_distance(rolls, LOW, 0, 1, 4) == pytest.approx(distance, abs=6e-4)


def test_tonal_distance_is_the_mean_over_beats_in_which_both_sound() -> None:
    both = [(0, 4, 0, 0), (0, 4, 1, 0), (4, 4, 0, 0), (4, 4, 1, 6)]
    apart = figures.tonal_distance(rolls_of([(0, 4, 0, 0), (0, 4, 1, 6)], tracks=2), LOW, 0, 1, 4)
    assert apart > 1
    assert figures.tonal_distance(rolls_of(both, [(0, 8, 0, 0)], tracks=2), LOW, 0, 1, 4) == apart / 2


def test_drum_patterns_are_strokes_on_eighths() -> None:
    rolls = rolls_of([(0, 1, 0, 0), (2, 1, 0, 2), (3, 1, 0, 2), (6, 1, 0, 0)])
    assert figures.drum_patterns(rolls, 8, 4) == 3 / 4
    assert figures.drum_patterns(rolls, 8, 1) == 1
    assert figures.drum_patterns(rolls_of([(0, 1, 0, 0), (1, 1, 0, 0)], steps=9), 9, 3) == 1 / 2


def test_repeated_phrases_count_all_but_the_first() -> None:
    rolls = rolls_of([(0, 1, 0, 0)], [(0, 1, 0, 1)], [(0, 1, 0, 0)], [(0, 1, 0, 0)])
    assert figures.repeated_phrases(rolls) == 2 / 4


def test_copies_are_found_in_any_transposition_but_drums_must_be_the_same() -> None:
    made = rolls_of([(0, 4, 0, 3), (4, 4, 0, 7), (0, 1, 1, 5)], [(0, 4, 0, 3), (0, 1, 1, 5)], tracks=2)
    higher = rolls_of([(0, 4, 0, 8), (4, 4, 0, 12), (0, 1, 1, 5)], tracks=2)
    other_drum = rolls_of([(0, 4, 0, 3), (4, 4, 0, 7), (0, 1, 1, 6)], tracks=2)
    drums = np.array([False, True])
    known = {*figures.fingerprints(other_drum, drums), *figures.fingerprints(higher, drums)}
    assert figures.copied_phrases(made, known, drums) == 1 / 2
    assert figures.copied_phrases(made, {*figures.fingerprints(other_drum, drums)}, drums) == 0
    melody = {*figures.fingerprints(other_drum[:, :, :1], drums[:1])}
    assert figures.copied_phrases(made[:, :, :1], melody, drums[:1]) == 1 / 2
    assert figures.copied_phrases(made, set(), drums) == 0


@pytest.mark.parametrize("rolls", [SILENCE, NO_PHRASES])
def test_shares_of_nothing_are_nan(rolls: np.ndarray) -> None:
    assert math.isnan(figures.qualified_notes(rolls, 2))
    assert math.isnan(figures.scale_consistency(rolls, LOW))
    assert math.isnan(figures.pitch_class_entropy(rolls, LOW))
    assert math.isnan(figures.used_pitch_classes(rolls, LOW, 4)[0])
    assert math.isnan(figures.drum_patterns(rolls, 8, 4))
    assert math.isnan(figures.tonal_distance(rolls, LOW, 0, 0, 4))


def test_no_phrases_have_no_figures() -> None:
    for figure in (figures.note_density, figures.polyphony, figures.repeated_phrases):
        assert math.isnan(figure(NO_PHRASES))
    assert math.isnan(figures.empty_bars(NO_PHRASES, 4)[0])
    assert math.isnan(figures.groove_consistency(NO_PHRASES, 4, MELODIC))


def test_the_chorales_have_the_figures_an_independent_program_gave(shared_data: Path) -> None:
    text = (shared_data / "jsb-chorales" / "Jsb16thSeparated.train-valid.json").read_text()
    songs = [np.array(song) for song in json.loads(text)["valid"]]
    phrases = np.stack([song[at : at + 32] for song in songs for at in range(0, len(song) - 31, 16)])
    rolls = phrases[..., None] == np.arange(30, 90)
    assert figures.qualified_notes(rolls, 2) == pytest.approx(0.977, abs=5e-4)
    assert figures.scale_consistency(rolls, 30) == pytest.approx(0.956, abs=5e-4)
    assert figures.pitch_class_entropy(rolls, 30) == pytest.approx(2.68, abs=5e-3)
    assert figures.note_density(rolls) == pytest.approx(0.909, abs=5e-4)
    assert figures.polyphony(rolls) == pytest.approx(0.991, abs=5e-4)


@pytest.mark.parametrize("root", range(12))
def test_every_major_key_moves_to_c_by_the_shortest_way(root: int) -> None:
    classes = np.zeros(12)
    classes[[(root + degree) % 12 for degree in (0, 2, 4, 5, 7, 9, 11)]] = [5, 1, 3, 2, 4, 1, 1]
    assert shift_to_c(classes) == (-root if root <= 6 else 12 - root)
