"""What the names of picture files say about sides, splits and partners."""

from __future__ import annotations

import pytest

from gansuite_translation.sides import Named, plan, read_name


@pytest.mark.parametrize(
    ("name", "side", "split", "stem"),
    [
        ("1.jpg", None, None, "1"),
        ("train/1.jpg", None, "train", "1"),
        ("A/1.jpg", "A", None, "1"),
        ("b/cats/1.jpg", "B", None, "cats/1"),
        ("facades/trainA/1_A.jpg", "A", "train", "facades/1"),
        ("facades/testB/1_B.jpg", "B", "valid", "facades/1"),
        ("A/val/1.png", "A", "valid", "1"),
        ("val/B/1.png", "B", "valid", "1"),
        ("a.b/a.png", None, None, "a.b/a"),
    ],
)
def test_a_name_says_side_split_and_what_partners_share(
    name: str, side: str | None, split: str | None, stem: str
) -> None:
    assert read_name(name) == Named(name=name, side=side, split=split, stem=stem)  # type: ignore[arg-type]


def test_pictures_of_two_halves_serve_both_sides() -> None:
    made = plan(["train/2.jpg", "train/10.jpg", "val/1.jpg"], paired=True, valid_share=0.5)
    assert made.halves
    assert made.train == (["train/2.jpg", "train/10.jpg"],) * 2
    assert made.valid == (["val/1.jpg"],) * 2


@pytest.mark.parametrize(
    "names",
    [
        ("A/train/1.png", "A/train/2.png", "A/val/3.png", "B/train/1.jpg", "B/train/2.jpg", "B/val/3.jpg"),
        ("trainA/1.png", "trainA/2.png", "testA/3.png", "trainB/1.jpg", "trainB/2.jpg", "testB/3.jpg"),
        ("train/A/1.png", "train/A/2.png", "test/A/3.png", "train/B/1.jpg", "train/B/2.jpg", "test/B/3.jpg"),
    ],
)
def test_partners_stand_at_one_position(names: tuple[str, ...]) -> None:
    made = plan(names, paired=True, valid_share=0)
    assert not made.halves
    assert made.train == (list(names[:2]), list(names[3:5]))
    assert made.valid == ([names[2]], [names[5]])
    assert made.skipped == []


def test_what_is_of_no_use_is_named_with_the_reason() -> None:
    names = ["A/1.png", "A/2.png", "A/2.jpg", "B/1.png", "B/2.png", "B/3.png", "cover.png"]
    made = plan(names, paired=True, valid_share=0)
    assert made.train == (["A/1.png", "A/2.jpg"], ["B/1.png", "B/2.png"])
    assert dict(made.skipped) == {
        "cover.png": "lies neither in A nor in B",
        "A/2.png": "has the same name as A/2.jpg",
        "B/3.png": "has no partner in A",
    }


@pytest.mark.parametrize("sided", [True, False])
def test_a_stray_picture_changes_no_split(sided: bool) -> None:
    names = (
        ["trainA/1.png", "testA/2.png", "trainB/1.png", "testB/2.png"]
        if sided
        else ["train/1.png", "val/2.png"]
    )
    made = plan([*names, "preview.jpg"], paired=True, valid_share=0.5)
    alone = plan(names, paired=True, valid_share=0.5)
    assert (made.train, made.valid) == (alone.train, alone.valid)
    assert [name for name, _ in made.skipped] == ["preview.jpg"]


def test_strays_are_told_without_comparing_every_picture_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(Named, "__eq__", lambda one, other: compared.append(other) or one is other)
    names = [f"{split}/{number}.png" for split in ("train", "val") for number in range(9)]
    made = plan([*names, *(f"{number}.png" for number in range(9))], paired=True, valid_share=0)
    assert len(made.skipped) == len(made.train[0]) == len(made.valid[0]) == 9
    assert not compared


def test_a_partner_in_the_other_split_is_none() -> None:
    made = plan(["trainA/1.png", "testA/2.png", "trainB/1.png", "trainB/2.png"], paired=True, valid_share=0)
    assert made.train == (["trainA/1.png"], ["trainB/1.png"])
    assert {name for name, _ in made.skipped} == {"testA/2.png", "trainB/2.png"}


def test_without_pairs_every_picture_counts() -> None:
    made = plan(["A/1.png", "A/2.png", "B/3.png"], paired=False, valid_share=0)
    assert made.train == (["A/1.png", "A/2.png"], ["B/3.png"])
    assert made.skipped == []


def test_partners_are_held_out_together() -> None:
    names = [f"{side}/{number}.png" for side in "AB" for number in range(200)]
    made = plan(names, paired=True, valid_share=0.3)
    assert 30 < len(made.valid[0]) < 90
    for of_a, of_b in (made.train, made.valid):
        assert [name[2:] for name in of_a] == [name[2:] for name in of_b]
