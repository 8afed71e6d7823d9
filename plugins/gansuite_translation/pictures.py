"""What people look at: translations, alone or beside what they were made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from gansuite.data.images import drawing

GAP = 2


def render_panels(
    outputs: Mapping[str, np.ndarray], order: Sequence[str], folder: Path, names: Sequence[str]
) -> list[Path]:
    """Write a picture for each row, with what an endpoint gave beside each other, and all on `grid.png`.

    Args:
        outputs: by name, float32 (n, height, width, channels) in [0, 1], all of one size.
        order: names, from left to right; those that are not among the outputs are left out.
        folder: exists.
        names: a file name stem for each row.
    """
    panels = [outputs[name] for name in order if name in outputs]
    gap = np.ones([*panels[0].shape[:2], GAP, panels[0].shape[3]], np.float32)
    beside = [part for panel in panels for part in (gap, panel)][1:]
    return drawing.render(np.concatenate(beside, axis=2), folder, names)
