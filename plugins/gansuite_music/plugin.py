"""What this package announces; light, so that listing plugins imports nothing heavy."""

from __future__ import annotations

from gansuite.plugin import Plugin

musegan = Plugin(
    name="musegan",
    summary="Multi-track music from noise, as MIDI, piano-rolls and sound (Dong et al. 2018)",
    api=1,
    config="gansuite_music.config:MuseGAN",
    domain="gansuite_music.domain:MuseGANDomain",
    reads=("music",),
)
