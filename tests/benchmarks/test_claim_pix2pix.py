"""The benchmark of Pix2Pix's claim runs and says what it measured; what it measures is not asserted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image


def test_both_variants_are_trained_and_judged(repository: Path, shared_data: Path, tmp_path: Path) -> None:
    for split, count in (("train", 6), ("val", 3)):
        (tmp_path / "data" / split).mkdir(parents=True)
        for path in sorted((shared_data / "facades" / split).iterdir())[:count]:
            shutil.copy(path, tmp_path / "data" / split)
    done = subprocess.run(
        [
            sys.executable, "benchmarks/claims/pix2pix.py", "--quick", "--data", str(tmp_path / "data"),
            "--out", str(tmp_path / "out"),
        ],
        cwd=repository, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["quick"]
    game, alone = (result[name] for name in ("L1 + cGAN", "L1 alone"))
    assert (game["steps"], alone["steps"], game["pairs"]) == (2, 2, 3)
    assert game["perceptual distance"] != alone["perceptual distance"]
    ratio = game["perceptual distance"] / alone["perceptual distance"]
    assert abs(result["figures"][0]["value"] - ratio) < 1e-3
    with Image.open(tmp_path / "out" / "compared.png") as picture:
        assert picture.width > 8 * 32
