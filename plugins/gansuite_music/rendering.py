"""Phrases as files: MIDI, a piano-roll picture and sound each, and one picture of all."""

from __future__ import annotations

import wave
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from gansuite_music.config import MuseGAN
from gansuite_music.notes import write_midi
from gansuite_music.npz import write_npz
from gansuite_music.pictures import Metre, draw_overview, draw_phrase
from gansuite_music.soundfont import play_all, player
from gansuite_music.synthesis import LOUDEST, RATE, samples, synthesise

OVERVIEW = "overview.png"


def render_phrases(rolls: np.ndarray, folder: Path, names: Sequence[str], config: MuseGAN) -> list[Path]:
    """Write phrases as NAME.mid and NAME.png, where asked for as NAME.wav and NAME.npz, all in overview.png.

    Args:
        rolls: (phrases, steps, tracks, pitches), bool or numbers; what is not 0 sounds.
        folder: exists.
        names: of the phrases.
        config: the run's settings.

    Returns:
        The files written, the overview first.

    Raises:
        ConfigError: `output.soundfont` names what cannot be played.
    """
    rolls = np.asarray(rolls) != 0
    if not len(rolls):
        return []
    low, metre = config.pitches.low, Metre(beat=config.data.steps_per_beat, bar=config.data.bar_steps)
    overview = folder / OVERVIEW
    draw_overview(rolls, names, config.tracks, low, metre).save(overview)
    midis = [folder / f"{name}.mid" for name in names]
    pictures = [folder / f"{name}.png" for name in names]
    for roll, midi, picture in zip(rolls, midis, pictures, strict=True):
        write_midi(midi, roll, config)
        draw_phrase(roll, config.tracks, low, metre).save(picture)
    sounds = [folder / f"{name}.wav" for name in names] if config.output.sound else []
    if sounds:
        for path, sound in zip(sounds, _played(midis, rolls, config), strict=True):
            write_wav(path, sound)
    arrays = [folder / f"{name}.npz" for name in names] if config.output.npz else []
    for path, roll in zip(arrays, rolls, strict=bool(arrays)):
        write_npz(path, roll, config.tracks, config.pitches, config.output, config.data)
    return [overview, *midis, *pictures, *sounds, *arrays]


def _played(midis: Sequence[Path], rolls: np.ndarray, config: MuseGAN) -> Iterator[np.ndarray]:
    step_seconds = 60 / config.output.tempo / config.data.steps_per_beat
    soundfont = player(config.output)
    if soundfont is not None:
        length = samples(rolls.shape[1], step_seconds)
        for sound in play_all(midis, soundfont, rate=RATE, samples=length):
            yield LOUDEST * sound
        return
    for roll in rolls:
        yield synthesise(
            roll,
            config.tracks,
            config.pitches.low,
            step_seconds=step_seconds,
            velocity=config.output.velocity,
        )


def write_wav(path: Path, sound: np.ndarray) -> None:
    """Write sound, float (samples,) in −1 … 1, as a mono 16-bit WAV file at `RATE`."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(sound * 32767).astype("<i2").tobytes())
