"""The claims of the image family are measured by one command each."""

from __future__ import annotations

import gzip
import importlib.util
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from benching import quick

from gansuite.data.cards import locate
from gansuite.data.images.form import Form
from gansuite.data.images.preparing import prepare_images
from gansuite.metrics.features import classifier

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


@pytest.fixture
def yardstick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, Form], None]:
    """Train what a benchmark judges by for some steps only, in a home of its own, before it asks for it."""
    monkeypatch.setenv("GANSUITE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(classifier, "LEAST_STEPS", 4)
    monkeypatch.setattr(classifier, "EPOCHS", 1)

    def train(pictures: Path, form: Form) -> None:
        classifier.train_classifier(prepare_images(pictures, form))

    return train


def test_the_ring_is_measured(repository: Path) -> None:
    result = quick(repository, "claims/gan")
    assert [run["seed"] for run in result["runs"]] == [0]


def test_pictures_are_judged_at_a_third_of_the_time_and_at_the_end(
    repository: Path, clothes: Path, yardstick: Callable[[Path, Form], None]
) -> None:
    yardstick(clothes, Form(size=8, channels=1, fit="pad"))
    result = quick(repository, "claims/images", "--plugin", "cgan", "--data", str(clothes))
    first, last = result["cgan"]
    assert first["FID"] != last["FID"]
    assert 0 <= last["label agreement"] <= 1


def test_what_collapses_and_what_is_rescued_is_measured(
    repository: Path, yardstick: Callable[[Path, Form], None]
) -> None:
    yardstick(locate("digits"), Form(size=8, channels=1, fit="crop"))
    result = quick(repository, "claims/collapse")
    assert set(result["runs"]["too fast a generator"]) == {"no remedy", "minibatch deviation"}
    assert {figure["promise"] for figure in result["figures"]} == {"at most 0.5x"}


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs the extra bench")
def test_a_dcgan_in_pytorch_is_judged_beside_ours(repository: Path, clothes: Path) -> None:
    result = quick(repository, "claims/pytorch", "--data", str(clothes))
    assert result["gansuite"]["steps"] == result["PyTorch"]["steps"] == 2
    assert np.isfinite(result["PyTorch"]["FID"])
