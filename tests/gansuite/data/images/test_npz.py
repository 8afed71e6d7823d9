"""Which arrays are pictures, and how bright they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gansuite.data.images import npz
from gansuite.data.images.form import Form

GREY = Form(size=8, channels=1)
PIXELS = np.random.default_rng(0).integers(0, 256, (12, 8, 8), np.uint8)


def pictures(file: Path) -> np.ndarray:
    collection = npz.find(file)
    assert collection is not None
    read = [picture.pixels for picture in collection.read(GREY)]
    return np.stack([pixels for pixels in read if pixels is not None])[..., 0]


def test_true_is_white(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=PIXELS > 127)
    assert np.array_equal(pictures(tmp_path / "a.npz"), np.where(PIXELS > 127, 255, 0))


def test_pictures_of_an_npz_are_known_by_their_axes_too(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=3.0, images=PIXELS)
    assert np.array_equal(pictures(tmp_path / "a.npz"), PIXELS)
