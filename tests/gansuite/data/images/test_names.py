"""What file names say about order, split and class."""

from __future__ import annotations

import pytest

from gansuite.data.images.decoding import NOT_READ
from gansuite.data.images.names import (
    STRAY,
    arrange,
    is_mask,
    is_picture,
    natural,
    share_split,
    without_masks,
)


def test_numbers_are_sorted_as_numbers() -> None:
    names = ["a10.png", "a2.png", "B1.png", "a2/3.png", "a02.png"]
    assert sorted(names, key=natural) == ["a02.png", "a2.png", "a2/3.png", "a10.png", "B1.png"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *(("a.PNG", True), ("x/b.jpeg", True), ("c.webp", True), ("d.txt", False), ("e.gif", True)),
        *((".a.png", False), ("__MACOSX/a.png", False), ("x/.cache/a.png", False)),
        *(("ground_truth/a.png", True), ("ground_truth.png", True)),
    ],
)
def test_pictures_are_known_by_their_ending(name: str, expected: bool) -> None:
    assert is_picture(name) is expected


@pytest.mark.parametrize("home", ["", "bottle/", "mvtec/bottle/"])
def test_masks_lie_beside_train_and_test(home: str) -> None:
    pictures = [f"{home}{name}" for name in ("train/good/0.png", "Test/crack/0.png")]
    masks = [f"{home}{name}" for name in ("ground_truth/crack/0.png", "Ground_Truth/0.png")]
    others = ("ground_truth.png", "test/ground_truth/0.png", "x/ground_truth/0.png")
    other = [f"{home}{name}" for name in others]
    assert without_masks([*masks, *pictures, *other]) == [*pictures, *other]
    assert without_masks([*masks, pictures[0]]) == [*masks, pictures[0]]
    assert [is_mask(name) for name in [*masks, *pictures, *other]] == [True] * 2 + [False] * 3 + [True] * 2


def test_loose_pictures_have_neither_split_nor_class() -> None:
    found = arrange(["1.png", "cats/2.png"])
    assert found.classes == ()
    assert set(found.labels.values()) | set(found.splits.values()) == {None}


def test_folders_are_classes() -> None:
    found = arrange(["set/dogs/1.png", "set/cats/1.png", "set/cats/deep/2.png"])
    assert found.classes == ("cats", "dogs")
    assert found.labels == {"set/dogs/1.png": 1, "set/cats/1.png": 0, "set/cats/deep/2.png": 0}


def test_pictures_that_are_not_read_have_no_say_in_it() -> None:
    found = arrange(["dogs/1.png", "cats/1.png", "contents.gif", "dogs/2.TIF"])
    assert found.classes == ("cats", "dogs")
    assert found.labels["dogs/1.png"] == 1
    assert found.labels["contents.gif"] is found.splits["dogs/2.TIF"] is None
    assert found.skipped == dict.fromkeys(["contents.gif", "dogs/2.TIF"], NOT_READ)


def test_train_and_test_are_splits() -> None:
    found = arrange(["Train/cats/1.png", "Train/dogs/1.png", "test/cats/1.png"])
    assert found.classes == ("cats", "dogs")
    assert found.splits["Train/dogs/1.png"] == "train"
    assert found.splits["test/cats/1.png"] == "valid"
    plain = arrange(["train/1.png", "val/1.png"])
    assert (plain.classes, plain.splits["val/1.png"]) == ((), "valid")


def test_test_alone_is_a_class_like_any_other() -> None:
    assert arrange(["test/1.png", "cats/1.png"]).classes == ("cats", "test")


@pytest.mark.parametrize("common", ["", "set/", "some/where/"])
@pytest.mark.parametrize(
    "stray", ["logo.png", "docs/logo.png", "docs/train/1.png", "docs/old/train/1.png", "set/logo.png"]
)
def test_a_stray_picture_changes_no_split_and_no_class(common: str, stray: str) -> None:
    names = [
        f"{common}{name}"
        for name in ("train/cats/1.png", "train/dogs/2.png", "Test/cats/3.png", "val/cats/4.png")
    ]
    alone = arrange(names)
    found = arrange([*names, stray])
    assert alone.skipped == {}
    assert found.skipped == {stray: STRAY}
    assert found.classes == alone.classes == ("cats", "dogs")
    assert found.splits == alone.splits | {stray: None}
    assert found.labels == alone.labels | {stray: None}
    assert [found.splits[name] for name in names] == ["train", "train", "valid", "valid"]


def test_several_folders_with_a_split_of_their_own_are_classes() -> None:
    names = ["cats/train/1.png", "cats/test/2.png", "dogs/train/1.png", "dogs/test/2.png"]
    found = arrange(names)
    assert (found.classes, found.skipped) == (("cats", "dogs"), {})
    assert set(found.splits.values()) == {None}


def test_the_held_out_share_depends_on_each_name_alone() -> None:
    names = [f"{number}.png" for number in range(2000)]
    held_out = {name for name in names if share_split(name, 0.1) == "valid"}
    assert 140 < len(held_out) < 260
    assert {name for name in names if share_split(name, 0.2) == "valid"} > held_out
    assert not any(share_split(name, 0.0) == "valid" for name in names)
