"""The benchmark of Pix2Pix's claim runs and says what it measured; what it measures is not asserted."""

from __future__ import annotations

import shutil
from pathlib import Path

from benching import quick
from PIL import Image


def test_both_variants_are_trained_and_judged(repository: Path, shared_data: Path, tmp_path: Path) -> None:
    for split, count in (("train", 6), ("val", 3)):
        (tmp_path / "data" / split).mkdir(parents=True)
        for path in sorted((shared_data / "facades" / split).iterdir())[:count]:
            shutil.copy(path, tmp_path / "data" / split)
    result = quick(
        repository, "claims/pix2pix", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")
    )
    game, alone = (result[name] for name in ("L1 + cGAN", "L1 alone"))
    assert (game["steps"], alone["steps"], game["pairs"]) == (2, 2, 3)
    assert game["perceptual distance"] != alone["perceptual distance"]
    ratio = game["perceptual distance"] / alone["perceptual distance"]
    assert abs(result["figures"][0]["value"] - ratio) < 1e-3
    with Image.open(tmp_path / "out" / "compared.png") as picture:
        assert picture.width > 8 * 32
