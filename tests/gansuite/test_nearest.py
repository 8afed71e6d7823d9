"""A mistyped name is answered with the one that was meant."""

from __future__ import annotations

from gansuite.nearest import nearest, suggestion


def test_the_nearest_name_is_found_whatever_its_case() -> None:
    assert nearest("MusGan", ["musegan", "dcgan"]) == "musegan"
    assert nearest("mnist", ["MNIST", "digits"]) == "MNIST"


def test_nothing_is_guessed_where_nothing_is_near() -> None:
    assert nearest("pix2pix", ["musegan", "dcgan"]) is None
    assert suggestion("pix2pix", ["musegan", "dcgan"]) == "known: dcgan, musegan"
    assert suggestion("x", []) == "there are none"


def test_a_long_list_is_cut() -> None:
    assert suggestion("zzz", [f"name{i:02}" for i in range(20)]).endswith("name11, ...")
