"""Phrases as files: MIDI, a piano-roll picture and sound each, and one picture of all."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gansuite_music.config import MuseGAN
from gansuite_music.notes import write_midi
from gansuite_music.pictures import Metre, draw_overview, draw_phrase
from gansuite_music.soundfont import play, player
from gansuite_music.synthesis import LOUDEST, RATE, samples, synthesise

OVERVIEW = "overview.png"


def render_phrases(rolls: np.ndarray, folder: Path, names: Sequence[str], config: MuseGAN) -> list[Path]:
    """Write phrases as NAME.mid, NAME.png and, with `output.sound`, NAME.wav, and all in overview.png.

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
    data, low = config.data, config.pitches.low
    metre = Metre(beat=data.steps_per_beat, bar=data.bar_steps)
    soundfont = player(config.output) if config.output.sound else None
    files = [folder / OVERVIEW] if len(rolls) else []
    if files:
        draw_overview(rolls, names, config.tracks, low, metre).save(files[0])
    for roll, name in zip(rolls, names, strict=True):
        midi, picture, sound = (folder / f"{name}{suffix}" for suffix in (".mid", ".png", ".wav"))
        _write_midi(midi, roll, config)
        draw_phrase(roll, config.tracks, low, metre).save(picture)
        files += [midi, picture]
        if config.output.sound:
            write_wav(sound, _sound(midi, roll, soundfont, config))
            files.append(sound)
    return files


def _write_midi(path: Path, roll: np.ndarray, config: MuseGAN) -> None:
    write_midi(
        path,
        roll,
        config.tracks,
        config.pitches,
        config.output,
        steps_per_beat=config.data.steps_per_beat,
        beats_per_bar=config.data.beats_per_bar,
    )


def _sound(midi: Path, roll: np.ndarray, soundfont: Path | None, config: MuseGAN) -> np.ndarray:
    step_seconds = 60 / config.output.tempo / config.data.steps_per_beat
    if soundfont is None:
        return synthesise(
            roll,
            config.tracks,
            config.pitches.low,
            step_seconds=step_seconds,
            velocity=config.output.velocity,
        )
    sound = play(midi, soundfont, rate=RATE, samples=samples(len(roll), step_seconds))
    return np.asarray(sound * LOUDEST / max(1.0, float(np.abs(sound).max(initial=0.0))), np.float32)


def write_wav(path: Path, sound: np.ndarray) -> None:
    """Write sound, float (samples,) in −1 … 1, as a mono 16-bit WAV file at `RATE`."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(sound * 32767).astype("<i2").tobytes())
