"""How large pictures are beside those that a translator learned from."""

from __future__ import annotations

from gansuite.data.images.form import Form
from gansuite_translation.config import Sides

#: How many times as large, or as small, what a picture shows may be before it is worth a word.
MUCH = 1.5


def learned_form(data: Sides) -> Form:
    """Return the form that evaluation brings pictures to, and training but for `jitter` more pixels."""
    return Form(size=data.size, channels=data.channels, fit=data.fit)


def enlargement(height: int, width: int, data: Sides) -> float:
    """Return how many times as large as in training a picture's content is where it is translated as it is.

    In training the same picture would have been brought to `size` and `jitter` pixels together, of which
    `size` are cut out. Where it would have been distorted, of height and width the one that differs more.
    """
    side = data.size + data.jitter
    times = {
        "crop": [min(height, width) / side],
        "pad": [max(1.0, max(height, width) / side)],  # never enlarged
        "stretch": [height / side, width / side],
    }[data.fit]
    return max(times, key=lambda one: max(one, 1 / one))


def remark(height: int, width: int, data: Sides) -> str | None:
    """Say that a picture has quite another scale than what was learned; None where it has not."""
    times = enlargement(height, width, data)
    factor = max(times, 1 / times)
    if factor <= MUCH:
        return None
    side = data.size + data.jitter
    how = f"{factor:.1f} times as {'large' if times > 1 else 'small'} as in training"
    return f"is {width} × {height}: what it shows is {how}, which brought pictures to {side} × {side}"
