"""MuseGAN as a domain: phrases of several tracks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np

from gansuite.data.cache import Cache
from gansuite.data.cards import locate
from gansuite.domain import Arrays, Domain, Endpoint, Evaluation, Preview, Score, Split
from gansuite.game import Phase
from gansuite_music.config import MuseGAN
from gansuite_music.game import adversarial_phase, phrase_endpoints
from gansuite_music.networks.critic import build_critic
from gansuite_music.networks.generator import build_generator
from gansuite_music.phrases import prepare_phrases
from gansuite_music.rendering import render_phrases
from gansuite_music.rolls import ROLLS, PhraseExamples
from gansuite_music.scoring import music_scores
from gansuite_music.soundfont import player

_PREVIEWED = 8


class MuseGANDomain(Domain):
    """Learns phrases of piano-rolls and writes its own as MIDI, pictures and sound."""

    config: MuseGAN
    averaged = ("generator",)

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

    def networks(self) -> dict[str, keras.Model]:
        return {"generator": build_generator(self.config), "critic": build_critic(self.config)}

    def phases(self) -> Sequence[Phase]:
        return (adversarial_phase(self.config),)

    def endpoints(self) -> dict[str, Endpoint]:
        return phrase_endpoints(self.config)

    def preview(self) -> Preview:
        if self.config.output.sound:
            player(self.config.output)  # what cannot be played is found out before anything is trained
        seeds = np.arange(_PREVIEWED)
        return Preview(endpoint="sample", inputs={"seed": seeds}, names=[f"seed-{seed}" for seed in seeds])

    def render(self, outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
        return render_phrases(outputs[ROLLS], folder, names, self.config)

    def remark(self, outputs: Arrays) -> str | None:
        rolls = outputs[ROLLS]
        silent = sum(not roll.any() for roll in rolls)
        if not silent:
            return None
        count = f"{silent} of {len(rolls)} phrases {'is' if silent == 1 else 'are'} silent"
        return f"{count}: other seeds or a run that was trained for longer may give notes"

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        return music_scores(evaluation, self.config)

    def describe(self) -> Mapping[str, Any]:
        return {"music": dict(self.cache.info)}
