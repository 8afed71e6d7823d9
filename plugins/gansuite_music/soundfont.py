"""Playing MIDI files with a SoundFont, where the fluidsynth library is installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pretty_midi

from gansuite.errors import ConfigError
from gansuite_music.config import Output
from gansuite_music.synthesis import RATE


def player(output: Output) -> Path | None:
    """Return the SoundFont to play with, or None for the built-in synthesiser.

    Raises:
        ConfigError: a SoundFont is asked for that is not there, or that nothing can play; or fluidsynth
            cannot load the one it would play with.
    """
    chosen = output.soundfont
    if chosen is None:
        shipped = Path(pretty_midi.__file__).parent / "TimGM6mb.sf2"
        return _checked(shipped) if _can_play() and shipped.is_file() else None
    if not chosen.is_file():
        raise ConfigError("there is no such file", where=f"output.soundfont = {chosen}")
    with chosen.open("rb") as file:
        head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise ConfigError("is not a SoundFont (.sf2)", where=f"output.soundfont = {chosen}")
    if not _can_play():
        raise ConfigError(
            "the fluidsynth library, which plays SoundFonts, is not installed",
            where="output.soundfont",
            hint="Install it (apt install libfluidsynth3, or brew install fluid-synth) and gansuite[sound].",
        )
    return _checked(chosen)


@cache
def _can_play() -> bool:
    try:
        import fluidsynth  # noqa: F401 - raises where the library it wraps is missing
    except (ImportError, OSError):
        return False
    return True


@cache
def _checked(soundfont: Path) -> Path:
    with _loaded(soundfont, RATE):
        return soundfont


@contextmanager
def _loaded(soundfont: Path, rate: int) -> Iterator[tuple[Any, int]]:
    """Open a synthesizer, and its number for the SoundFont."""
    import fluidsynth

    synthesizer = fluidsynth.Synth(samplerate=rate)
    try:
        font = synthesizer.sfload(str(soundfont))
        if font < 0:  # pyfluidsynth raises nothing, and would play silence
            raise ConfigError(
                "fluidsynth cannot load this SoundFont",
                where=f"output.soundfont = {soundfont}",
                hint="Name another, or set output.sound=false.",
            )
        yield synthesizer, font
    finally:
        synthesizer.delete()


def play_all(files: Iterable[Path], soundfont: Path, *, rate: int, samples: int) -> Iterator[np.ndarray]:
    """Play MIDI files; none is heard in the sound of another.

    Args:
        files: MIDI files.
        soundfont: of `player`.
        rate: samples a second.
        samples: how many to return; what is longer is cut, what is shorter filled with silence.

    Yields:
        For each file float32 (samples,) in −1 … 1; its loudest sample is 1 unless it is silent.

    Raises:
        ConfigError: fluidsynth cannot load the SoundFont.
    """
    with _loaded(soundfont, rate) as (synthesizer, font):
        for file in files:
            synthesizer.system_reset()
            sound = pretty_midi.PrettyMIDI(str(file)).fluidsynth(synthesizer=synthesizer, sfid=font)
            sound = np.asarray(sound[:samples], np.float32)
            yield np.pad(sound, (0, samples - len(sound)))
