"""The claims of the image family are measured by one command each."""

from __future__ import annotations

import gzip
import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest
from benching import quick

COUNTS = {"train": 200, "t10k": 80}


@pytest.fixture
def clothes(shared_data: Path, tmp_path: Path) -> Path:
    """The first pictures of Fashion-MNIST."""
    folder = tmp_path / "clothes"
    folder.mkdir()
    for split, count in COUNTS.items():
        for kind, start in (("images-idx3", 16), ("labels-idx1", 8)):
            name = f"{split}-{kind}-ubyte.gz"
            content = gzip.decompress((shared_data / "fashion-mnist" / name).read_bytes())
            size = (len(content) - start) // struct.unpack(">i", content[4:8])[0]
            head = content[:4] + struct.pack(">i", count) + content[8:start]
            (folder / name).write_bytes(gzip.compress(head + content[start : start + count * size]))
    return folder


def test_the_ring_is_measured(repository: Path) -> None:
    result = quick(repository, "claims/gan")
    assert [run["seed"] for run in result["runs"]] == [0]


def test_pictures_are_judged_at_a_third_of_the_time_and_at_the_end(repository: Path, clothes: Path) -> None:
    result = quick(repository, "claims/images", "--plugin", "cgan", "--data", str(clothes))
    first, last = result["cgan"]
    assert first["FID"] != last["FID"]
    assert 0 <= last["label agreement"] <= 1


def test_what_collapses_and_what_is_rescued_is_measured(repository: Path) -> None:
    result = quick(repository, "claims/collapse")
    assert set(result["runs"]["too fast a generator"]) == {"no remedy", "minibatch deviation"}
    assert {figure["promise"] for figure in result["figures"]} == {"at most 0.5x"}


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs the extra bench")
def test_a_dcgan_in_pytorch_is_judged_beside_ours(repository: Path, clothes: Path) -> None:
    result = quick(repository, "claims/pytorch", "--data", str(clothes))
    assert result["gansuite"]["steps"] == result["PyTorch"]["steps"] == 2
    assert np.isfinite(result["PyTorch"]["FID"])
