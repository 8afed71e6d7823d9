"""A small synthesiser, for machines without a SoundFont player: plain, but in tune, and drums are heard.

Tones are sums of partials under an envelope, one recipe for each of the sixteen families of General MIDI;
drums are sine sweeps and noise, one recipe for each kind of the General MIDI percussion key map. No
randomness but a fixed one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from gansuite_music.config import Track
from gansuite_music.notes import notes_of

RATE = 22_050
#: Seconds that sound goes on after the last step.
TAIL = 1.0
LOUDEST = 0.9


@dataclass(frozen=True, kw_only=True)
class Timbre:
    """How a tone of one family sounds.

    Args:
        partials: amplitudes of the harmonics.
        attack, release: seconds to come and to go.
        decay: how much faster than not at all it fades while held, in 1/s; higher partials fade faster.
        vibrato: depth, as a share of the frequency.
    """

    partials: tuple[float, ...]
    attack: float = 0.005
    release: float = 0.08
    decay: float = 0.0
    vibrato: float = 0.0


PIANO = Timbre(partials=(1, 0.55, 0.3, 0.2, 0.1, 0.06), decay=1.8, release=0.12)
BELL = Timbre(partials=(1, 0.1, 0.5, 0.05, 0.2), decay=4.0, release=0.3)
ORGAN = Timbre(partials=(1, 0.8, 0.5, 0.5, 0.0, 0.25, 0.0, 0.2), attack=0.015, release=0.05)
GUITAR = Timbre(partials=(1, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1), decay=3.0, release=0.08)
BASS = Timbre(partials=(1, 0.6, 0.3, 0.12, 0.05), decay=1.5, release=0.06)
STRINGS = Timbre(partials=(1, 0.6, 0.45, 0.3, 0.22, 0.15, 0.1), attack=0.06, release=0.15, vibrato=0.002)
CHOIR = Timbre(partials=(1, 0.5, 0.3, 0.08, 0.04), attack=0.05, release=0.15, vibrato=0.003)
BRASS = Timbre(partials=(1, 0.9, 0.7, 0.5, 0.35, 0.2, 0.1), attack=0.03, release=0.07)
REED = Timbre(partials=(1, 0.2, 0.6, 0.15, 0.35, 0.1, 0.15), attack=0.025, release=0.06)
PIPE = Timbre(partials=(1, 0.25, 0.08), attack=0.04, release=0.08, vibrato=0.002)
LEAD = Timbre(partials=(1, 0.5, 0.33, 0.25, 0.2, 0.16), attack=0.01, release=0.05)
#: By family: program // 8, as General MIDI groups them.
FAMILIES = (
    PIANO, BELL, ORGAN, GUITAR, BASS, STRINGS, STRINGS, BRASS,
    REED, PIPE, LEAD, CHOIR, CHOIR, GUITAR, BELL, CHOIR,
)  # fmt: skip
VOICES = range(
    52, 55
)  # Choir Aahs, Voice Oohs, Synth Voice: among the ensembles, but they do not sound like strings


def timbre_of(program: int) -> Timbre:
    """Return how a General MIDI program, counted from 0, sounds here."""
    return CHOIR if program in VOICES else FAMILIES[program // 8]


def synthesise(
    roll: np.ndarray, tracks: Sequence[Track], low: int, *, step_seconds: float, velocity: int
) -> np.ndarray:
    """Play a phrase.

    Args:
        roll: bool (steps, tracks, pitches).
        tracks: the settings.
        low: MIDI pitch of the first.
        step_seconds: how long a step lasts.
        velocity: MIDI velocity of every note.

    Returns:
        float32 (samples,) in −0.9 … 0.9 at `RATE`: the phrase and a tail of `TAIL` seconds.
    """
    sound = np.zeros(samples(len(roll), step_seconds), np.float32)
    for index, track in enumerate(tracks):
        notes = notes_of(roll[:, index], low, drum=track.drum)
        for start, end, pitch in zip(notes.start, notes.end, notes.pitch, strict=True):
            first = round(start * step_seconds * RATE)
            held = round(end * step_seconds * RATE) - first
            tone = drum(int(pitch)) if track.drum else _tone(track.program, int(pitch), held)
            tone = tone[: len(sound) - first]
            sound[first : first + len(tone)] += tone
    sound *= 0.25 * velocity / 127
    return np.asarray(
        sound * min(1.0, LOUDEST / max(float(np.abs(sound).max(initial=0.0)), 1e-9)), np.float32
    )


def samples(steps: int, step_seconds: float) -> int:
    """Return how many samples a phrase and its tail have."""
    return round((steps * step_seconds + TAIL) * RATE)


@lru_cache(maxsize=1024)
def _tone(program: int, pitch: int, held: int) -> np.ndarray:
    """Return one tone: float32 (held samples and those of its release,)."""
    timbre = timbre_of(program)
    release = round(timbre.release * RATE)
    time = np.arange(held + release, dtype=np.float32) / RATE
    frequency = 440.0 * 2.0 ** ((pitch - 69) / 12)
    phase = 2 * np.pi * frequency * time
    if timbre.vibrato:
        phase += (timbre.vibrato * frequency / 5.5) * (1 - np.cos(2 * np.pi * 5.5 * time))
    tone = np.zeros_like(time)
    for number, amplitude in enumerate(timbre.partials, start=1):
        if number * frequency < 0.45 * RATE:
            fading = np.exp(-timbre.decay * (0.5 + 0.5 * number) * time) if timbre.decay else 1.0
            tone += amplitude * np.sin(number * phase) * fading
    tone /= sum(timbre.partials) ** 0.75
    tone *= np.minimum(1.0, time / timbre.attack)
    tone[held:] *= np.linspace(1.0, 0.0, release, dtype=np.float32)
    return np.asarray(tone, np.float32)


@dataclass(frozen=True, kw_only=True)
class Drum:
    """How a percussion instrument sounds.

    Args:
        seconds: until it has died away to a thousandth.
        tone: Hz at the end of its sweep; 0 is none.
        sweep: how many times higher the tone begins.
        noise: share of noise, 0 … 1.
        bright: how often the noise is differenced: what takes away its low end.
    """

    seconds: float
    tone: float = 0.0
    sweep: float = 1.0
    noise: float = 0.0
    bright: int = 0


KICK = Drum(seconds=0.3, tone=48, sweep=3.5, noise=0.05)
STICK = Drum(seconds=0.06, tone=800, noise=0.5, bright=1)
SNARE = Drum(seconds=0.22, tone=185, sweep=1.3, noise=0.6)
CLAP = Drum(seconds=0.18, noise=1.0, bright=1)
CLOSED_HAT = Drum(seconds=0.07, noise=1.0, bright=2)
OPEN_HAT = Drum(seconds=0.4, noise=1.0, bright=2)
CRASH = Drum(seconds=1.4, noise=1.0, bright=1)
RIDE = Drum(seconds=0.7, tone=3100, noise=0.7, bright=2)
COWBELL = Drum(seconds=0.2, tone=560, noise=0.05)
SHAKER = Drum(seconds=0.08, noise=1.0, bright=2)
#: General MIDI percussion key map.
KINDS: dict[int, Drum] = {
    **dict.fromkeys((35, 36), KICK),
    **dict.fromkeys((31, 37, 75, 76, 77), STICK),
    **dict.fromkeys((38, 40), SNARE),
    39: CLAP,
    **dict.fromkeys((42, 44), CLOSED_HAT),
    46: OPEN_HAT,
    **dict.fromkeys((49, 52, 55, 57), CRASH),
    **dict.fromkeys((51, 53, 59), RIDE),
    **dict.fromkeys((56, 67, 68, 80, 81), COWBELL),
    **dict.fromkeys((54, 58, 69, 70, 73, 74, 82), SHAKER),
}


def _kind(pitch: int) -> Drum:
    """Return a drum's recipe: what the key map does not name is a tom or a conga, higher with its number."""
    return KINDS.get(pitch) or Drum(seconds=0.35, tone=55.0 * 2 ** ((pitch - 35) / 12), sweep=1.6, noise=0.08)


@lru_cache(maxsize=128)
def drum(pitch: int) -> np.ndarray:
    """Return one stroke of the percussion instrument at a MIDI pitch: float32 (samples,)."""
    kind = _kind(pitch)
    count = round(kind.seconds * RATE)
    time = np.arange(count) / RATE
    envelope = np.exp(-6.9 * time / kind.seconds)
    frequency = kind.tone * (1 + (kind.sweep - 1) * np.exp(-30 * time))
    sound = (1 - kind.noise) * np.sin(2 * np.pi * np.cumsum(frequency) / RATE)
    noise = np.random.default_rng(pitch).standard_normal(count + kind.bright)
    for _ in range(kind.bright):
        noise = np.diff(noise)
    sound += kind.noise * 0.6 * noise / np.std(noise)
    return np.asarray(1.6 * sound * envelope * np.minimum(1.0, time * 1000), np.float32)
