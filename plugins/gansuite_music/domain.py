"""MuseGAN as a domain: phrases of several tracks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from gansuite.data.cache import Cache
from gansuite.data.cards import locate
from gansuite.domain import Arrays, Domain, Evaluation, Score, Split
from gansuite_music.config import MuseGAN
from gansuite_music.evaluating import music_scores
from gansuite_music.phrases import prepare_phrases
from gansuite_music.rendering import render_phrases
from gansuite_music.rolls import ROLLS, PhraseExamples


class MuseGANDomain(Domain):
    """Learns phrases of piano-rolls and writes its own as MIDI, pictures and sound."""

    config: MuseGAN

    @cached_property
    def cache(self) -> Cache:
        """The prepared phrases of the data source."""
        config = self.config
        return prepare_phrases(locate(config.data.source), config.data, config.pitches, config.tracks)

    def examples(self, split: Split) -> PhraseExamples:
        config = self.config
        return PhraseExamples(
            cache=self.cache, split=split, data=config.data, pitches=config.pitches, tracks=config.tracks
        )

    def render(self, outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
        return render_phrases(outputs[ROLLS], folder, names, self.config)

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        return music_scores(evaluation, self.examples("train"), self.config)

    def describe(self) -> Mapping[str, Any]:
        return {"music": dict(self.cache.info)}
