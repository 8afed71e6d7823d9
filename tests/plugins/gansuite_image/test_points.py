"""Points in the plane: the ring, its scores and its drawing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gansuite.config import assignments, resolve
from gansuite.errors import ConfigError, DataError
from gansuite_image.config import GAN
from gansuite_image.domain import ImageDomain
from gansuite_image.points import draw, modes_hit

MODES = np.array([[0.0, 0.0], [10.0, 0.0]])


def points_domain(source: object, *settings: str) -> ImageDomain:
    return ImageDomain(resolve(GAN, [assignments(["data.kind=points", f"data.source={source}", *settings])]))


def test_the_ring_is_eight_equal_gaussians() -> None:
    ring = points_domain("ring")
    train, valid = ring.examples("train"), ring.examples("valid")
    assert train.size + valid.size == 50_000
    points = ring.material.cache.arrays["train"].read(np.arange(train.size))  # type: ignore[attr-defined]
    assert np.linalg.norm(points, axis=1).mean() == pytest.approx(2, abs=0.01)
    modes = ring.material.cache.arrays["modes"].read(np.arange(8))  # type: ignore[attr-defined]
    found, near = modes_hit(points, modes, 0.02)
    assert found == 8
    assert near == pytest.approx(1 - np.exp(-4.5), abs=2e-3)


def test_modes_count_where_one_point_in_a_hundred_falls() -> None:
    points = np.array([[0.1, 0.0]] * 60 + [[9.8, 0.1]] * 1 + [[5.0, 5.0]] * 39)
    assert modes_hit(points, MODES, 0.1) == (2, 0.61)
    assert modes_hit(points[:60], MODES, 0.1) == (1, 1.0)


def test_points_are_drawn_where_they_are(tmp_path: Path) -> None:
    points = np.array([[1.0, 0.5], [-1.0, -0.5], [np.nan, 0.0]])
    drawn = np.asarray(draw(points).convert("L")) < 200
    rows, columns = np.nonzero(drawn)
    assert rows[columns > 256].mean() < 200
    assert rows[columns < 256].mean() > 300
    files = points_domain("ring").render({"points": points}, tmp_path, ["a", "b", "c"])
    assert [file.name for file in files] == ["points.png", "points.csv"]
    assert files[1].read_text().splitlines()[:2] == ["name,x,y", "a,1,0.5"]
    with Image.open(files[0]) as picture:
        assert picture.size == (512, 512)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"other": np.zeros([3, 2])}, "no points"),
        ({"points": np.zeros([3, 3])}, "no points"),
        ({"points": np.full([3, 2], np.nan)}, "not finite"),
        ({"points": np.zeros([3, 2]), "modes": np.zeros([2]), "deviation": np.array(1)}, "of another shape"),
        (
            {"points": np.zeros([3, 2]), "modes": np.zeros([2, 2]), "deviation": np.ones([2])},
            "of another shape",
        ),
        ({"points": np.array([["a", "b"]])}, "no npz file of numbers"),
    ],
)
def test_a_file_without_points_is_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray], message: str
) -> None:
    np.savez(tmp_path / "bad.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=message):
        points_domain(tmp_path / "bad.npz").examples("train")


def test_what_is_no_npz_file_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "good.npz", points=np.random.default_rng(0).normal(size=(500, 2)))
    np.save(tmp_path / "array.npy", np.zeros([3, 2]))
    whole = (tmp_path / "good.npz").read_bytes()
    cut, array = whole[: len(whole) // 2], (tmp_path / "array.npy").read_bytes()
    for content in (b"no zip", cut, array):
        (tmp_path / "bad.npz").write_bytes(content)
        with pytest.raises(DataError, match="npz file"):
            points_domain(tmp_path / "bad.npz").examples("train")


def test_points_have_no_classes() -> None:
    with pytest.raises(ConfigError, match="points have no classes"):
        points_domain("ring", "data.classes=8")
