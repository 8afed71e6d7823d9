"""What is learned from: photographs, their small pictures, tiles and crops."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gansuite.data.images.bicubic import shrink
from gansuite.data.workers import Unusable
from gansuite.errors import DataError
from gansuite.noise import Noise
from gansuite_superres.config import Data
from gansuite_superres.crops import crops
from gansuite_superres.photographs import find, read
from gansuite_superres.tiles import prepare_tiles, starts

RNG = np.random.default_rng(0)


def write(path: Path, height: int, width: int, *, mode: str = "RGB") -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = RNG.integers(0, 256, (height, width, 3), np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)
    return pixels


def test_splits_are_read_off_folders_and_pairs_are_held_out(tmp_path: Path) -> None:
    for name in ("DIV2K_train_HR/1.png", "DIV2K_valid_HR/2.png", "a/test/3.jpg", "a/4_HR.png", "a/4_LR.png"):
        write(tmp_path / name, 8, 8)
    (tmp_path / "notes.txt").write_text("no picture")
    found = {one.name: one.split for one in find(tmp_path, 0.0)}
    assert found == {
        "DIV2K_train_HR/1.png": "train", "DIV2K_valid_HR/2.png": "valid", "a/test/3.jpg": "valid",
        "a/4_HR.png": "valid",
    }  # fmt: skip


def test_one_file_is_learned_from_and_nothing_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "one.png", 8, 8)
    assert [one.split for one in find(tmp_path / "one.png", 0.5)] == ["train"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no pictures found"):
        find(tmp_path / "empty", 0.1)


def test_a_photograph_is_cut_to_whole_pixels_and_shrunk(tmp_path: Path) -> None:
    pixels = write(tmp_path / "one.png", 11, 14)
    pair = read(tmp_path / "one.png", 4)
    np.testing.assert_array_equal(pair.high, pixels[:8, :12])
    np.testing.assert_array_equal(pair.low, shrink(pixels[:8, :12], 4))


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK"])
def test_pictures_of_any_mode_are_colour_pictures(tmp_path: Path, mode: str) -> None:
    file = tmp_path / ("one.jpg" if mode == "CMYK" else "one.png")
    write(file, 8, 8, mode=mode)
    assert read(file, 2).high.shape == (8, 8, 3)


def test_a_given_small_picture_is_taken_unless_it_does_not_fit(tmp_path: Path) -> None:
    write(tmp_path / "a_HR.png", 16, 16)
    low = write(tmp_path / "a_LR.png", 4, 4)
    np.testing.assert_array_equal(read(tmp_path / "a_HR.png", 4).low, low)
    with pytest.raises(Unusable, match=r"a_LR\.png is 4 × 4, not 8 × 8"):
        read(tmp_path / "a_HR.png", 2)


@pytest.mark.parametrize(("length", "side"), [(40, 40), (41, 40), (80, 40), (107, 40), (120, 40)])
def test_tiles_cover_everything_from_edge_to_edge(length: int, side: int) -> None:
    places = starts(length, side)
    assert (places[0], places[-1] + side) == (0, length)
    assert all(after - before <= side for before, after in pairwise(places))


def test_tiles_are_parts_of_the_whole_pictures(tmp_path: Path, data_home: Path) -> None:
    pixels = write(tmp_path / "data" / "train" / "one.png", 41, 56)
    write(tmp_path / "data" / "train" / "small.png", 30, 98)
    (tmp_path / "data" / "train" / "broken.png").write_bytes(b"\x89PNG")
    cache = prepare_tiles(tmp_path / "data", Data(scale=2, crop=16, tile=40))
    high, low = (cache.arrays[f"train_{kind}"].read(np.arange(2)) for kind in ("high", "low"))
    assert len(cache.arrays["valid_high"]) == 0
    np.testing.assert_array_equal(high, [pixels[:40, :40], pixels[:40, 16:56]])
    small = shrink(pixels[:40], 2)
    np.testing.assert_array_equal(low, [small[:, :20], small[:, 8:28]])
    assert cache.info["counts"] == {
        "train": {"photographs": 1, "tiles": 2},
        "valid": {"photographs": 0, "tiles": 0},
    }
    reasons = dict(cache.info["skipped"])
    assert "smaller than a tile of 40 pixels (98 × 30)" in reasons["train/small.png"]
    assert "train/broken.png" in reasons


def test_photographs_that_are_all_too_small_are_refused_with_what_to_do(
    tmp_path: Path, data_home: Path
) -> None:
    write(tmp_path / "data" / "one.png", 20, 20)
    with pytest.raises(DataError, match="none of the photographs can be used") as caught:
        prepare_tiles(tmp_path / "data", Data(scale=2, crop=16, tile=40))
    assert "data.tile" in str(caught.value)
    assert "one.png is smaller than a tile" in str(caught.value)


def pairs(scale: int, rows: int = 64, low_tile: int = 7) -> dict[str, tf.Tensor]:
    """Tiles whose large pixels are copies of the small ones, so that alignment can be seen."""
    low = RNG.integers(0, 256, (rows, low_tile, low_tile, 3), np.uint8)
    return {"low": tf.constant(low), "high": tf.constant(low.repeat(scale, 1).repeat(scale, 2))}


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_both_crops_show_the_same_place_the_same_way_round(scale: int) -> None:
    data = Data(scale=scale, crop=4 * scale, tile=7 * scale)
    cut = crops(pairs(scale), Noise(seed=0, rows=64), data=data)
    high, low = cut["high"].numpy(), cut["low"].numpy()
    assert (high.shape, low.shape) == ((64, 4 * scale, 4 * scale, 3), (64, 4, 4, 3))
    np.testing.assert_array_equal(high, low.repeat(scale, 1).repeat(scale, 2))
    assert (low.min(), low.max()) == (-1, 1)


def test_all_places_and_all_eight_ways_are_seen() -> None:
    rows, data = 512, Data(scale=2, crop=4, tile=6)
    tile = np.arange(9, dtype=np.uint8).reshape(1, 3, 3, 1).repeat(rows, 0).repeat(3, 3)
    given = {"low": tf.constant(tile), "high": tf.constant(tile.repeat(2, 1).repeat(2, 2))}
    low = crops(given, Noise(seed=0, rows=rows), data=data)["low"].numpy()[..., 0]
    seen = {tuple(((one + 1) * 127.5).round().astype(int).ravel()) for one in low}
    assert len(seen) == 4 * 8


def test_without_augmentation_pictures_stay_upright() -> None:
    data = Data(scale=2, crop=14, tile=14, augment=False)
    given = pairs(2)
    cut = crops(given, Noise(seed=0, rows=64), data=data)["low"]
    np.testing.assert_allclose((cut.numpy() + 1) * 127.5, given["low"], atol=1e-4)


@pytest.fixture
def photographs(tmp_path: Path) -> Callable[..., Path]:
    """Writes pictures of some sizes into a folder."""

    def make(**sizes: tuple[int, int]) -> Path:
        for name, (height, width) in sizes.items():
            write(tmp_path / "data" / f"{name}.png", height, width)
        return tmp_path / "data"

    return make


def test_a_share_is_held_out_by_name(photographs: Callable[..., Path]) -> None:
    folder = photographs(**{f"p{number}": (8, 8) for number in range(40)})
    splits = [one.split for one in find(folder, 0.5)]
    assert 8 < splits.count("valid") < 32
    assert {one.split for one in find(folder, 0.0)} == {"train"}


def test_a_folder_called_ground_truth_holds_photographs_but_where_mvtec_has_its_masks(tmp_path: Path) -> None:
    write(tmp_path / "set" / "ground_truth" / "1.png", 8, 8)
    assert [one.name for one in find(tmp_path / "set", 0.0)] == ["ground_truth/1.png"]
    for folder in ("train/good", "test/crack", "ground_truth/crack"):
        write(tmp_path / "bottle" / folder / "1.png", 8, 8)
    assert [one.name for one in find(tmp_path / "bottle", 0.0)] == ["test/crack/1.png", "train/good/1.png"]
