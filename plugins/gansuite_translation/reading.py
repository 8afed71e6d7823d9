"""Reading a picture file for one side of a translation, or for both. Runs in worker processes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gansuite.data.images.decoding import read_whole
from gansuite.data.images.form import Form
from gansuite.data.workers import Unusable


def read_sides(path: Path, settings: Any) -> tuple[Any, Sequence[bytes]]:
    """Read one file as a worker.

    Args:
        path: the picture.
        settings: `form`, of a `Form`, and `halves`: whether the picture holds both sides.

    Returns:
        Its height and width, and the pixels' bytes of each side, in that form.

    Raises:
        Unusable: it cannot be read, or not be halved.
    """
    form = Form.from_mapping(settings["form"])
    pixels = read_whole(path, form.channels)
    sides = _halves(pixels) if settings["halves"] else [pixels]
    return pixels.shape[:2], [form.apply_to_pixels(side).tobytes() for side in sides]


def _halves(pixels: np.ndarray) -> list[np.ndarray]:
    """Cut the left half from the right one; a column in the middle of an odd number belongs to neither."""
    width = pixels.shape[1]
    if width < 2:
        raise Unusable("is too narrow to hold two pictures beside each other")
    return [pixels[:, : width // 2], pixels[:, width - width // 2 :]]
