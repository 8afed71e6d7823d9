"""Both sides as they are prepared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gansuite.errors import DataError
from gansuite_translation.config import Sides
from gansuite_translation.preparing import prepare_sides

Write = Any


def data(**changes: Any) -> Sides:
    return Sides(**{"size": 16, "jitter": 0, "valid_share": 0.0, **changes})


def rows(cache: Any, name: str) -> np.ndarray:
    array = cache.arrays[name]
    return np.asarray(array.read(np.arange(len(array))))


def coloured(value: int, height: int = 16, width: int = 16) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_halves_become_sides(data_home: Path, write: Write) -> None:
    files = {f"{number}.png": np.hstack([coloured(number), coloured(100 + number)]) for number in range(5)}
    cache = prepare_sides(write(files), data(), paired=True)
    assert rows(cache, "train_a")[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert rows(cache, "train_b")[:, 0, 0, 0].tolist() == [100, 101, 102, 103, 104]
    assert rows(cache, "train_a").shape == (5, 16, 16, 3)
    assert cache.info["kind"] == "pictures of two halves"


def test_the_middle_column_of_an_odd_width_belongs_to_neither(data_home: Path, write: Write) -> None:
    wide = np.hstack([coloured(10), coloured(255, width=1), coloured(20)])
    cache = prepare_sides(write({"1.png": wide}), data(), paired=True)
    assert (rows(cache, "train_a") == 10).all()
    assert (rows(cache, "train_b") == 20).all()


def test_training_pictures_have_room_to_move_and_held_out_ones_have_not(
    data_home: Path, write: Write
) -> None:
    files = {f"{split}/{number}.png": number for split in ("train", "val") for number in range(2)}
    cache = prepare_sides(write(files), data(jitter=5, channels=1), paired=True)
    assert rows(cache, "train_a").shape == (2, 21, 21, 1)
    assert rows(cache, "valid_b").shape == (2, 16, 16, 1)


def test_two_folders_are_read_pair_by_pair_and_what_does_not_fit_is_listed(
    data_home: Path, write: Write
) -> None:
    folder = write(
        {
            "A/1.png": coloured(1), "B/1.png": coloured(101),
            "A/2.png": coloured(2), "B/2.png": coloured(102, width=17),
            "A/3.png": coloured(3), "B/3.png": coloured(103),
            "A/4.png": coloured(4), "B/4.png": coloured(104),
            "A/5.png": coloured(5),
        }
    )  # fmt: skip
    (folder / "B" / "3.png").write_bytes(b"\x89PNG")
    cache = prepare_sides(folder, data(), paired=True)
    assert rows(cache, "train_a")[:, 0, 0, 0].tolist() == [1, 4]
    assert rows(cache, "train_b")[:, 0, 0, 0].tolist() == [101, 104]
    skipped = dict(map(tuple, cache.info["skipped"]))
    assert skipped["A/5.png"] == "has no partner in B"
    assert skipped["A/2.png"] == "is 16 × 16, its partner B/2.png 17 × 16"
    assert skipped["B/3.png"].endswith("its partner is left out with it")


def test_pictures_of_a_kind_that_is_not_read_are_listed(data_home: Path, write: Write) -> None:
    folder = write({"A/1.png": coloured(1), "B/1.png": coloured(101), "A/1.gif": coloured(3)})
    info = prepare_sides(folder, data(), paired=True).info
    assert info["counts"]["train"] == [1, 1]
    assert [name for name, reason in info["skipped"] if "is not a PNG" in reason] == ["A/1.gif"]


@pytest.mark.parametrize("paired", [True, False])
def test_pictures_that_are_cut_in_halves_are_said_to_be(
    data_home: Path, side_by_side: Path, write: Write, paired: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare_sides(side_by_side, data(), paired=paired)
    assert "A and B are the left and the right halves of 12 pictures" in capsys.readouterr().err
    prepare_sides(write({"A/1.png": 1, "B/1.png": 2}, "two"), data(), paired=paired)
    assert "halves" not in capsys.readouterr().err


def test_without_pairs_each_side_is_as_long_as_it_is(data_home: Path, write: Write) -> None:
    files = {"A/1.png": coloured(1), "A/2.png": coloured(2, 30, 20), "B/9.png": coloured(9)}
    cache = prepare_sides(write(files), data(), paired=False)
    assert (len(rows(cache, "train_a")), len(rows(cache, "train_b"))) == (2, 1)
    assert cache.info["counts"] == {"train": [2, 1], "valid": [0, 0]}


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"A/1.png": 1, "B/2.png": 2}, "there are no pairs to learn from"),
        ({"A/1.png": 1, "B/1.png": coloured(1, 9, 9)}, "there are no pairs to learn from"),
        ({"1.png": coloured(1, width=1)}, "there are no pairs to learn from"),
    ],
)
def test_where_nothing_is_left_the_reasons_are_named(
    data_home: Path, write: Write, files: Any, what: str
) -> None:
    with pytest.raises(DataError, match=what) as caught:
        prepare_sides(write(files), data(), paired=True)
    assert "Skipped:" in str(caught.value)


def test_data_of_the_wrong_kind_is_refused(data_home: Path, tmp_path: Path, write: Write) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no pictures found"):
        prepare_sides(tmp_path / "empty", data(), paired=True)
    file = write({"1.png": 1}) / "1.png"
    with pytest.raises(DataError, match="is not a folder"):
        prepare_sides(file, data(), paired=True)
    with pytest.raises(DataError, match=r"valid_share to 0"):
        prepare_sides(file.parent, data(valid_share=0.9999), paired=True)


def test_a_folder_called_ground_truth_is_one_like_any_other(data_home: Path, write: Write) -> None:
    folder = write({f"ground_truth/{number}.png": number for number in range(3)})
    assert prepare_sides(folder, data(), paired=True).info["counts"]["train"] == [3, 3]
