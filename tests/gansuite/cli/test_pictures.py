"""Which pictures a verb is given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gansuite.cli.pictures import Pictures
from gansuite.data.images.form import Form
from gansuite.data.images.preparing import prepare_images
from gansuite.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures, one of them in a folder."""
    for name in ("pictures/1.png", "pictures/deep/2.jpg", "pictures/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path / "pictures"


def names(*paths: Path, output: Path) -> list[str]:
    return [one.name for one in Pictures.find(paths, output).given]


def test_folders_are_searched_and_files_taken_as_they_are(folder: Path, tmp_path: Path) -> None:
    assert names(folder, output=tmp_path / "out") == ["1", "deep/2"]
    assert names(folder / "notes.txt", output=tmp_path / "out") == ["notes"]


def test_what_was_made_before_is_not_given_again(folder: Path) -> None:
    made = folder / "made"
    made.mkdir()
    (made / "1.png").touch()
    assert names(folder, output=made) == ["1", "deep/2"]
    assert names(folder / "deep", output=folder) == ["2"]
    assert names(folder, output=folder) == ["1", "deep/2", "made/1"]


def test_pictures_that_only_their_suffix_tells_apart_keep_it(folder: Path, tmp_path: Path) -> None:
    (folder / "1.jpg").touch()
    assert names(folder, output=tmp_path / "out") == ["1.jpg", "1.png", "deep/2"]


def test_pictures_are_brought_into_form_as_those_that_were_learned_from(tmp_path: Path) -> None:
    """A large JPEG is decoded at a fraction of its size, which gives other pixels than all of it does."""
    pixels = np.random.default_rng(0).integers(0, 256, (400, 500, 3), np.uint8)
    (tmp_path / "all" / "given").mkdir(parents=True)
    Image.fromarray(pixels).resize((2000, 1600)).save(tmp_path / "all" / "given" / "large.jpg")
    form = Form(size=32, channels=3)
    learned = prepare_images(tmp_path / "all", form, valid_share=0).arrays["train_images"]
    ((one, fitted),) = Pictures.find([tmp_path / "all"], tmp_path / "out").fitted(form, "fitting")
    assert one.name == "given/large"
    np.testing.assert_array_equal(fitted, learned.read(np.array([0]))[0])


def test_only_what_is_missing_is_made(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = Pictures.find([folder], tmp_path / "out")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "1.png").touch()
    pictures.leave_out_made(lambda one: [Path(f"{one.name}.png")])
    assert [one.name for one in pictures.given] == ["deep/2"]
    assert capsys.readouterr().err == f"1 of 2 are in {tmp_path / 'out'} already\n"


def test_two_pictures_of_one_name_and_none_at_all_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "deep" / "1.png").touch()
    with pytest.raises(UsageError, match=r"would both be written to 1\.png"):
        names(folder, folder / "deep" / "1.png", output=tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no pictures found"):
        names(tmp_path / "empty", output=tmp_path)
    with pytest.raises(UsageError, match="no such file"):
        names(tmp_path / "lost", output=tmp_path)
