"""How good a run's music is: figures of what it made, beside the same figures of held-out music."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import combinations
from typing import NamedTuple, cast

import numpy as np

from gansuite.domain import Evaluation, Score
from gansuite_music import figures
from gansuite_music.config import MuseGAN
from gansuite_music.rolls import ROLLS, PhraseExamples

#: Held-out phrases that figures are computed from, spread evenly over all of them where there are more.
MOST_REFERENCES = 5_000
PORTION = 1_000
COPIED = "copied_phrases"


class Figure(NamedTuple):
    """A figure: name, how to compute it from bool (phrases, steps, tracks, pitches), what it means."""

    name: str
    compute: Callable[[np.ndarray], float]
    meaning: str


def music_scores(evaluation: Evaluation, config: MuseGAN) -> list[Score]:
    """Judge phrases of the endpoint `sample` for seeds from `evaluation.seed` on.

    Args:
        evaluation: of a run; its examples are `PhraseExamples`.
        config: the run's settings.

    Returns:
        Every figure of `music_figures` with that of held-out phrases; then the shares of repeated and of
        copied phrases.
    """
    computed = music_figures(config)
    drums = np.array([track.drum for track in config.tracks])
    learned, of_held_out = evaluation.once("music", lambda: _of_data(evaluation, computed, drums))
    seeds = evaluation.seed + np.arange(evaluation.count, dtype=np.int64)
    made = evaluation.call("sample", {"seed": seeds})[ROLLS] != 0
    scores = [
        Score(name=name, value=compute(made), reference=of_held_out[name], meaning=meaning, better="closer")
        for name, compute, meaning in computed
    ]
    repeated, copied = (
        "share of phrases that equal one before",
        "share of phrases in the training part of the data compared with, any key",
    )
    return [
        *scores,
        Score(
            name="repeated_phrases",
            value=figures.repeated_phrases(made),
            reference=None,
            meaning=repeated,
            better="lower",
        ),
        Score(
            name=COPIED,
            value=figures.copied_phrases(made, learned, drums),
            reference=of_held_out[COPIED],
            meaning=copied,
            better="closer",
        ),
    ]


def _of_data(
    evaluation: Evaluation, computed: Sequence[Figure], drums: np.ndarray
) -> tuple[Set[bytes], Mapping[str, float]]:
    """Learn which phrases there are to copy, and the figures of held-out ones."""
    valid, train = (cast(PhraseExamples, evaluation.examples(split)) for split in ("valid", "train"))
    learned = {one for portion in _portions(train) for one in figures.fingerprints(portion, drums)}
    held_out = valid.read(
        np.unique(np.linspace(0, valid.size - 1, min(valid.size, MOST_REFERENCES)).astype(np.int64))
    )
    of_held_out = {name: compute(held_out) for name, compute, _ in computed}
    return learned, {**of_held_out, COPIED: figures.copied_phrases(held_out, learned, drums)}


def _portions(examples: PhraseExamples) -> Iterator[np.ndarray]:
    for start in range(0, examples.size, PORTION):
        yield examples.read(np.arange(start, min(start + PORTION, examples.size)))


def music_figures(config: MuseGAN) -> list[Figure]:
    """Return the figures that fit a run's tracks: of pitch or drums only where it has such tracks."""
    drums = np.array([track.drum for track in config.tracks])
    return [
        *([] if drums.all() else _of_melody(config, ~drums)),
        *_of_rhythm(config, drums),
        *(_of_drums(config, drums) if drums.any() else []),
        *_of_tracks(config),
        *_of_pairs(config),
    ]


def _of_melody(config: MuseGAN, melodic: np.ndarray) -> list[Figure]:
    low, beat = config.pitches.low, config.data.steps_per_beat
    eighth = -(-beat // 2)
    return [
        Figure(
            "qualified_notes",
            lambda rolls: figures.qualified_notes(rolls[:, :, melodic], eighth),
            "share of melodic notes that last at least an eighth, of all notes of all phrases",
        ),
        Figure(
            "scale_consistency",
            lambda rolls: figures.scale_consistency(rolls[:, :, melodic], low),
            "share of a phrase's sounding steps in the best of 24 scales, mean over phrases; no drums",
        ),
        Figure(
            "pitch_class_entropy",
            lambda rolls: figures.pitch_class_entropy(rolls[:, :, melodic], low),
            "bits, 0 to 3.58, of a phrase's pitch classes weighted by duration, mean over phrases; no drums",
        ),
        Figure(
            "polyphony",
            lambda rolls: figures.polyphony(rolls[:, :, melodic]),
            "share of steps in which at least 3 notes sound; no drums",
        ),
        Figure(
            "note_density",
            lambda rolls: figures.note_density(rolls[:, :, melodic]),
            "notes that begin in a step, all melodic tracks together, mean over steps",
        ),
    ]


def _of_rhythm(config: MuseGAN, drums: np.ndarray) -> list[Figure]:
    return [
        Figure(
            "groove_consistency",
            lambda rolls: figures.groove_consistency(rolls, config.data.bar_steps, drums),
            "1 - mean Hamming distance of the onsets of consecutive bars",
        )
    ]


def _of_drums(config: MuseGAN, drums: np.ndarray) -> list[Figure]:
    data = config.data
    grid = "beats" if data.steps_per_beat % 2 else "eighths"
    return [
        Figure(
            "drum_patterns",
            lambda rolls: figures.drum_patterns(rolls[:, :, drums], data.bar_steps, data.steps_per_beat),
            f"share of drum strokes on {grid}",
        ),
        Figure(
            "drum_density",
            lambda rolls: figures.share(rolls[:, :, drums].sum(), rolls.shape[0] * rolls.shape[1]),
            "drum strokes in a step, mean over steps",
        ),
    ]


def _of_tracks(config: MuseGAN) -> list[Figure]:
    bar, low = config.data.bar_steps, config.pitches.low
    found = []
    for index, track in enumerate(config.tracks):

        def empty(rolls: np.ndarray, index: int = index) -> float:
            return float(figures.empty_bars(rolls[:, :, [index]], bar)[0])

        def classes(rolls: np.ndarray, index: int = index) -> float:
            return float(figures.used_pitch_classes(rolls[:, :, [index]], low, bar)[0])

        found.append(Figure(f"empty_bars/{track.name}", empty, "share of bars in which the track is silent"))
        if not track.drum:
            meaning = "pitch classes in a bar that is not silent, mean over bars"
            found.append(Figure(f"used_pitch_classes/{track.name}", classes, meaning))
    return found


def _of_pairs(config: MuseGAN) -> list[Figure]:
    low, beat = config.pitches.low, config.data.steps_per_beat
    found = []
    melodic = [index for index, track in enumerate(config.tracks) if not track.drum]
    for first, second in combinations(melodic, 2):

        def distance(rolls: np.ndarray, first: int = first, second: int = second) -> float:
            return figures.tonal_distance(rolls, low, first, second, beat)

        name = f"tonal_distance/{config.tracks[first].name}-{config.tracks[second].name}"
        found.append(
            Figure(name, distance, "of the two tracks' harmony, mean over beats in which both sound")
        )
    return found
