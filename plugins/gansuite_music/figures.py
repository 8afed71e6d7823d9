"""Figures of music, computed from piano-rolls.

Every figure takes `rolls`, bool (phrases, steps, tracks, pitches), and is NaN where it is undefined (a share
of nothing). It uses all tracks it is given; where pitches matter, leave the drums out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Set

import numpy as np

from gansuite_music.keys import MAJOR, MINOR

CLASSES = 12


def share(part: float, whole: float) -> float:
    """Return a part of a whole; NaN where there is no whole."""
    return float(part) / float(whole) if whole else float("nan")


def onsets(rolls: np.ndarray) -> np.ndarray:
    """Return where notes begin: bool, the shape of `rolls`; what sounds in the first step begins there."""
    begins = rolls.copy()
    begins[:, 1:] &= ~rolls[:, :-1]
    return begins


def qualified_notes(rolls: np.ndarray, least_steps: int) -> float:
    """Return the share of notes that last at least `least_steps` steps, over all phrases together (pooled).

    Low values mean fragmented music. Source: qualified note rate, arXiv:1709.06298, section 6.1, where the
    least length is a 32nd note; here it is the caller's.
    """
    begins = onsets(rolls)
    long = begins.copy()
    for step in range(1, least_steps):
        long[:, : rolls.shape[1] - step] &= rolls[:, step:]
        long[:, rolls.shape[1] - step :] = False
    return share(long.sum(), begins.sum())


def note_density(rolls: np.ndarray) -> float:
    """Return how many notes begin in a step, all tracks together, on average over all steps."""
    return share(onsets(rolls).sum(), rolls.shape[0] * rolls.shape[1])


def polyphony(rolls: np.ndarray, least: int = 3) -> float:
    """Return the share of steps in which at least `least` notes sound, all tracks together.

    Source: polyphonicity, arXiv:1709.06298, section 6.1, where it is per track and of more than 2 pitches.
    """
    sounding = rolls.sum(axis=(2, 3))
    return share((sounding >= least).sum(), sounding.size)


def pitch_classes(rolls: np.ndarray, low: int) -> np.ndarray:
    """Count sounding steps of each pitch class: int64 (phrases, tracks, 12); 0 is C."""
    lasting = rolls.sum(axis=1)
    classes = np.zeros((*lasting.shape[:2], CLASSES), np.int64)
    for pitch in range(rolls.shape[3]):
        classes[:, :, (low + pitch) % CLASSES] += lasting[:, :, pitch]
    return classes


def scale_consistency(rolls: np.ndarray, low: int) -> float:
    """Return the share of a phrase's sounding steps in the best of 24 major and minor scales, on average.

    Each phrase has its own best scale (natural minor; as a set of pitches each is also a major scale).
    Phrases in which nothing sounds are left out. Source: Mogren 2016, arXiv:1611.09904, section 4.3.
    """
    classes = pitch_classes(rolls, low).sum(axis=1)
    total = classes.sum(axis=1)
    inside = (classes @ _scales().T).max(axis=1)
    return _mean(inside[total > 0] / total[total > 0])


def _scales() -> np.ndarray:
    """Return the pitch classes of 12 major and 12 minor scales: int64 (24, 12) of 0 and 1."""
    member = np.zeros((2, CLASSES, CLASSES), np.int64)
    for index, scale in enumerate((MAJOR, MINOR)):
        for root in range(CLASSES):
            member[index, root, [(root + degree) % CLASSES for degree in scale]] = 1
    return member.reshape(-1, CLASSES)


def pitch_class_entropy(rolls: np.ndarray, low: int) -> float:
    """Return the entropy in bits of a phrase's pitch classes, weighted by duration, on average; 0 to 3.58.

    Phrases in which nothing sounds are left out. Source: Wu and Yang 2020, arXiv:2008.01307, section 4.1 (H).
    """
    classes = pitch_classes(rolls, low).sum(axis=1).astype(np.float64)
    total = classes.sum(axis=1)
    part = classes[total > 0] / total[total > 0, None]
    return _mean(-(part * np.log2(np.where(part > 0, part, 1.0))).sum(axis=1))


def bars_of(rolls: np.ndarray, bar_steps: int) -> np.ndarray:
    """Return the bars: (phrases, bars, bar_steps, tracks, pitches)."""
    phrases, steps, *rest = rolls.shape
    return rolls.reshape(phrases, steps // bar_steps, bar_steps, *rest)


def empty_bars(rolls: np.ndarray, bar_steps: int) -> np.ndarray:
    """Return the share of bars in which a track is silent: float64 (tracks,)."""
    sounds = bars_of(rolls, bar_steps).any(axis=(2, 4))
    return np.asarray(1 - sounds.mean(axis=(0, 1)) if sounds.size else np.full(rolls.shape[2], np.nan))


def used_pitch_classes(rolls: np.ndarray, low: int, bar_steps: int) -> np.ndarray:
    """Return how many pitch classes a track uses in a bar, on average where it sounds: float64 (tracks,).

    Source: UPC, arXiv:1709.06298, section 6.1 (with true pitch classes, where its code folds seven
    neighbours).
    """
    bars = bars_of(rolls, bar_steps).any(axis=2)
    used = (pitch_classes(bars.reshape(-1, 1, *bars.shape[2:]), low) > 0).sum(axis=2)
    return np.array([_mean(track[track > 0]) for track in used.T])


def groove_consistency(rolls: np.ndarray, bar_steps: int, drums: np.ndarray) -> float:
    """Return 1 − the mean Hamming distance of the onsets, of any pitch and track, of consecutive bars.

    Args:
        rolls: bool (phrases, steps, tracks, pitches).
        bar_steps: steps in a bar.
        drums: bool (tracks,); a drum is struck in every step it sounds in.

    1 where every bar has the same rhythm; NaN where phrases have one bar. Source: grooving pattern
    similarity, Wu and Yang 2020, arXiv:2008.01307, section 4.1 (GS), over neighbouring bars as in muspy.
    """
    begins = onsets(rolls)
    begins[:, :, drums] = rolls[:, :, drums]
    rhythm = bars_of(begins, bar_steps).any(axis=(3, 4)).astype(np.int8)
    return 1 - _mean(np.abs(np.diff(rhythm, axis=1)))


def tonal_transform() -> np.ndarray:
    """Return the matrix of Harte et al. 2006, which puts chords on circles of fifths and thirds: (6, 12)."""
    classes = np.arange(CLASSES)
    circles = ((7 * np.pi / 6, 1.0), (3 * np.pi / 2, 1.0), (2 * np.pi / 3, 0.5))
    rows = [radius * wave(classes * angle) for angle, radius in circles for wave in (np.sin, np.cos)]
    return np.stack(rows)


def tonal_distance(rolls: np.ndarray, low: int, first: int, second: int, beat_steps: int) -> float:
    """Return how far two tracks are apart in harmony, on average over beats in which both sound.

    Args:
        rolls: bool (phrases, steps, tracks, pitches).
        low: MIDI pitch of the first.
        first, second: tracks.
        beat_steps: steps in a beat.

    Returns:
        Mean of ‖T ĉ₁ − T ĉ₂‖₂, ĉ the pitch classes of a beat weighted by duration and summing to 1.

    Source: Harte et al. 2006, as used in arXiv:1709.06298, section 6.1.
    """
    pair = bars_of(rolls[:, :, [first, second]], beat_steps)
    classes = pitch_classes(pair.reshape(-1, *pair.shape[2:]), low).astype(np.float64)
    total = classes.sum(axis=2)
    both = (total > 0).all(axis=1)
    places = (classes[both] / total[both, :, None]) @ tonal_transform().T
    return _mean(np.linalg.norm(places[:, 0] - places[:, 1], axis=1))


def drum_patterns(rolls: np.ndarray, bar_steps: int, beat_steps: int) -> float:
    """Return the share of drum strokes that fall on eighths, or on beats where a beat has no half.

    Args:
        rolls: of drum tracks.
        bar_steps, beat_steps: steps in a bar and in a beat.

    A figure after DP of arXiv:1709.06298, section 6.1, and not to be compared with it: that counts sixteenths
    too, with less weight for strokes near them.
    """
    grid = beat_steps // 2 if beat_steps % 2 == 0 else beat_steps
    strokes = bars_of(rolls, bar_steps).sum(axis=(0, 1, 3, 4))
    return share(strokes[::grid].sum(), strokes.sum())


def repeated_phrases(rolls: np.ndarray) -> float:
    """Return the share of phrases that equal one before."""
    return share(len(rolls) - len({_digest(roll) for roll in rolls}), len(rolls))


def copied_phrases(rolls: np.ndarray, others: Set[bytes], drums: np.ndarray) -> float:
    """Return the share of phrases that are among others, in whatever transposition.

    Args:
        rolls: bool (phrases, steps, tracks, pitches).
        others: the fingerprints of the others.
        drums: bool (tracks,); drum tracks count as they are.
    """
    ours = fingerprints(rolls, drums)
    return share(sum(phrase in others for phrase in ours), len(ours))


def fingerprints(rolls: np.ndarray, drums: np.ndarray) -> list[bytes]:
    """Return 16 bytes for each phrase, the same for phrases that are, in whatever transposition.

    Args:
        rolls, drums: as of `copied_phrases`.
    """
    return [_digest(roll) for roll in lowered(rolls, drums)]


def _digest(roll: np.ndarray) -> bytes:
    return hashlib.blake2b(np.packbits(roll).tobytes(), digest_size=16).digest()


def lowered(rolls: np.ndarray, drums: np.ndarray) -> np.ndarray:
    """Move the melodic tracks of each phrase, together, so that the lowest pitch is the first."""
    result = rolls.copy()
    if drums.all():
        return result
    lowest = rolls[:, :, ~drums].any(axis=(1, 2)).argmax(axis=1)
    for move in np.unique(lowest):
        rows = np.flatnonzero(lowest == move)
        result[np.ix_(rows, np.arange(rolls.shape[1]), np.flatnonzero(~drums))] = np.roll(
            rolls[rows][:, :, ~drums], -move, axis=3
        )
    return result


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")
