"""Which pictures a verb is given."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gansuite.cli.pictures import Pictures
from gansuite.data.images.form import Form
from gansuite.data.images.preparing import prepare_images
from gansuite.errors import DataError, UsageError


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


def test_what_is_made_goes_to_another_folder_than_what_is_given(folder: Path, tmp_path: Path) -> None:
    """Else the next call takes it for more of what is given."""
    (tmp_path / "link").symlink_to(folder)
    for output in (folder, tmp_path / "link", folder / "deep" / ".."):
        with pytest.raises(UsageError, match="is given and written to") as caught:
            names(folder, output=output)
        assert str(caught.value).startswith(str(folder))
        assert "Name another folder with -o." in str(caught.value)
    assert names(folder / "1.png", output=folder) == ["1"]


def test_a_folder_that_cannot_be_read_is_not_left_out(
    folder: Path, tmp_path: Path, unreadable: Callable[[str], None]
) -> None:
    unreadable("deep")
    with pytest.raises(DataError, match="deep: cannot be looked into: Permission denied"):
        names(folder, output=tmp_path / "out")
    assert names(folder, output=folder / "deep") == ["1"]


def test_what_cannot_be_opened_is_named_and_the_others_are_read(folder: Path, tmp_path: Path) -> None:
    Image.new("L", (3, 2), 9).save(folder / "1.png")
    (folder / "deep" / "2.jpg").unlink()
    (folder / "lost.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(folder / "pipe.png")
    form = Form(size=2, channels=1)
    for read in (lambda given: given.read(1, "reading"), lambda given: given.fitted(form, "fitting")):
        given = Pictures.find([folder], tmp_path / "out")
        assert [one.name for one, _ in read(given)] == ["1"]
        reasons = {path.name: reason for path, reason in given.unusable}
        assert reasons == {
            "lost.png": "cannot be opened (No such file or directory)",
            "pipe.png": "is empty",
        }


def test_masks_are_those_of_mvtec_or_where_there_are_to_be_none(folder: Path, tmp_path: Path) -> None:
    for name in ("bottle/train/good", "bottle/test/crack", "bottle/ground_truth/crack", "ground_truth/cat"):
        (folder / name).mkdir(parents=True)
        (folder / name / "0.png").touch()
    found = names(folder / "bottle", folder / "ground_truth", output=tmp_path / "out")
    assert found == ["test/crack/0", "train/good/0", "cat/0"]
    everything = ["1", "bottle/test/crack/0", "bottle/train/good/0", "deep/2", "ground_truth/cat/0"]
    assert names(folder, output=tmp_path / "out") == everything
    without = Pictures.find([folder], tmp_path / "out", masks=False)
    assert [one.name for one in without.given] == everything[:-1]


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
