"""Major and minor keys of pitch classes."""

from __future__ import annotations

import numpy as np

MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)


def shift_to_c(classes: np.ndarray) -> int:
    """Return how many semitones to move music by so that it lies in C major / A minor as far as it can.

    Args:
        classes: how much of each pitch class there is, (12,).

    Returns:
        −6 … 5; the smallest move of those that put as much into the seven white keys.
    """
    moves = sorted(range(-6, 6), key=abs)
    inside = [np.roll(classes, move)[list(MAJOR)].sum() for move in moves]
    return moves[int(np.argmax(inside))]
