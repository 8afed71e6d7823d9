"""The claims of SRGAN are measured by one command."""

from __future__ import annotations

from pathlib import Path

import pytest
from benching import quick


def test_the_claims_are_measured_and_the_pictures_kept(
    repository: Path, shared_data: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for file in sorted((shared_data / "bsds400").glob("*.jpg"))[:2]:
        (data / file.name).symlink_to(file)
    result = quick(repository, "claims/srgan", "--data", str(data), "--out", str(tmp_path / "out"))
    assert set(result["set5"]) == {"bicubic", "content", "adversarial"}
    assert result["set5"]["bicubic"]["PSNR"] == pytest.approx(28.43, abs=0.005)
    assert all(figure["holds"] in (True, False) for figure in result["figures"])
    for stage in ("content", "adversarial"):
        assert len(list((tmp_path / "out" / stage).glob("*.png"))) == 5
