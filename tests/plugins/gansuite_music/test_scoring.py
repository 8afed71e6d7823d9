from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gansuite_music.config import LPD_TRACKS, MuseGAN, MusicData, Track
from gansuite_music.phrases import prepare_phrases
from gansuite_music.rolls import PhraseExamples
from gansuite_music.scoring import music_figures, music_scores


@dataclasses.dataclass
class Judged:
    """An evaluation of a run that gives back phrases of its training data, then silence."""

    config: MuseGAN
    folder: Path
    count: int = 8
    seed: int = 5

    def call(self, endpoint: str, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        assert endpoint == "sample"
        np.testing.assert_array_equal(inputs["seed"], np.arange(5, 13))
        rolls = self.examples("train").read(np.array([0, 1, 2, 3, 4, 0, 0, 0])).copy()
        rolls[6:] = False
        return {"rolls": rolls}

    def examples(self, split: Any) -> PhraseExamples:
        config = self.config
        cache = prepare_phrases(self.folder, config.data, config.pitches, config.tracks)
        return PhraseExamples(
            cache=cache, split=split, data=config.data, pitches=config.pitches, tracks=config.tracks
        )

    def load(self, split: Any, limit: int | None = None) -> Any:
        rows = self.examples(split).read(np.arange(self.examples(split).size))
        return {"rolls": rows[:limit].astype(np.float32)}

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        return make()


@pytest.fixture
def judged(write_song: Callable[..., Path], voice: Any, data_home: Path) -> Judged:
    assert not data_home.exists()
    for song in range(5):
        notes = [(step, 4, 40 + song + (step * step // 7) % 13) for step in range(0, 6 * 16, 4)]
        bass = [(step, 8, 36 + step % 5) for step in range(0, 6 * 16, 8)]
        strokes = [(step, 1, 36) for step in range(0, 6 * 16, 4)]
        voices = [voice(notes), voice(bass, program=33, channel=1), voice(strokes, channel=9)]
        path = write_song(f"{song}.mid", voices)
    return Judged(MuseGAN(data=MusicData(source=str(path.parent))), path.parent)


def test_scores_stand_beside_those_of_held_out_music(judged: Judged) -> None:
    scores = {score.name: score for score in music_scores(judged, judged.config)}
    assert scores["qualified_notes"].reference == 1
    assert scores["note_density"].value == pytest.approx(0.75 * scores["note_density"].reference, rel=0.2)
    assert scores["drum_patterns"].value == scores["drum_patterns"].reference == 1
    assert scores["drum_density"].reference == 1 / 4
    assert scores["empty_bars/Guitar"].value == scores["empty_bars/Guitar"].reference == 1
    assert scores["empty_bars/Bass"].value == 1 / 4
    assert math.isnan(scores["tonal_distance/Piano-Guitar"].value)
    assert scores["tonal_distance/Piano-Bass"].value > 0
    assert scores["repeated_phrases"].value == 2 / 8
    assert scores["copied_phrases"].value == 6 / 8
    assert scores["copied_phrases"].reference == 0
    assert scores["repeated_phrases"].reference is None
    assert all(score.meaning for score in scores.values())
    assert len(scores) == len(music_scores(judged, judged.config))


def test_copied_phrases_do_not_claim_to_be_those_the_run_learned_from(judged: Judged) -> None:
    copied = next(score for score in music_scores(judged, judged.config) if score.name == "copied_phrases")
    assert "the training part of the data compared with" in copied.meaning


def test_figures_fit_the_tracks_there_are() -> None:
    def names(*tracks: Track) -> list[str]:
        return [figure.name for figure in music_figures(MuseGAN(tracks=tracks))]

    drums_only, piano_only = names(LPD_TRACKS[0]), names(LPD_TRACKS[1])
    assert "drum_patterns" in drums_only
    assert "scale_consistency" not in drums_only
    assert "drum_patterns" not in piano_only
    assert "scale_consistency" in piano_only
    assert not [name for name in piano_only if name.startswith("tonal_distance")]


def test_groove_knows_the_drums(judged: Judged) -> None:
    rolls = np.zeros((1, 32, 5, 84), bool)
    rolls[0, 0:2] = rolls[0, 16] = True
    groove = next(figure for figure in music_figures(judged.config) if figure.name == "groove_consistency")
    assert groove.compute(rolls) == 15 / 16
    rolls[:, :, 0] = False
    assert groove.compute(rolls) == 1


@pytest.mark.parametrize(("steps_per_beat", "grid"), [(4, "eighths"), (3, "beats"), (1, "beats")])
def test_drum_patterns_say_which_grid_they_count(steps_per_beat: int, grid: str) -> None:
    config = MuseGAN(data=MusicData(steps_per_beat=steps_per_beat))
    patterns = next(figure for figure in music_figures(config) if figure.name == "drum_patterns")
    assert patterns.meaning == f"share of drum strokes on {grid}"


def test_an_eighth_is_as_many_steps_as_it_needs(judged: Judged) -> None:
    rolls = np.zeros((1, 24, 5, 84), bool)
    rolls[0, 0:2, 1, 40] = True
    for steps_per_beat, share in ((1, 1), (2, 1), (3, 1), (4, 1), (5, 0), (12, 0)):
        config = dataclasses.replace(judged.config, data=MusicData(steps_per_beat=steps_per_beat))
        qualified = next(figure for figure in music_figures(config) if figure.name == "qualified_notes")
        assert qualified.compute(rolls) == share, steps_per_beat
