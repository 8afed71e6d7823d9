"""What is left out of a data set is listed, and changes nothing else about it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gansuite.data.fingerprint import fingerprint
from gansuite.data.images import folders
from gansuite.data.images.form import Form
from gansuite.data.images.preparing import prepare_images
from gansuite.errors import DataError

pytestmark = pytest.mark.usefixtures("data_home")
GREY = Form(size=8, channels=1)
PIXELS = np.random.default_rng(0).integers(0, 256, (12, 8, 8), np.uint8)


def encoded(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def zipped(files: dict[str, bytes], path: Path) -> Path:
    with zipfile.ZipFile(path / "set.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path / "set.zip"


def laid(files: dict[str, bytes], path: Path) -> Path:
    for name, content in files.items():
        (path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (path / "set" / name).write_bytes(content)
    return path / "set"


@pytest.mark.parametrize("lay", [laid, zipped])
def test_a_misnamed_picture_costs_that_picture_only(
    tmp_path: Path, lay: Callable[[dict[str, bytes], Path], Path]
) -> None:
    files = {name: encoded(PIXELS[0], "JPEG") for name in ("cats/1.jpg", "cats/9.gif", "dogs/2.jpg")}
    cache = prepare_images(lay(files, tmp_path), GREY, valid_share=0.0)
    assert cache.info["skipped"] == [["cats/9.gif", "is not a PNG, JPEG, BMP or WebP picture"]]
    assert cache.arrays["train_labels"].read(np.arange(2)).tolist() == [0, 1]


@pytest.mark.parametrize("lay", [laid, zipped])
@pytest.mark.parametrize("stray", ["logo.png", "docs/logo.png"])
def test_a_stray_picture_leaves_test_pictures_held_out(
    tmp_path: Path, lay: Callable[[dict[str, bytes], Path], Path], stray: str
) -> None:
    files = {
        f"{split}/{number % 2}/{number}.png": encoded(PIXELS[number])
        for split, numbers in (("train", range(4)), ("test", range(4, 12)))
        for number in numbers
    }
    cache = prepare_images(lay({**files, stray: encoded(PIXELS[0])}, tmp_path), GREY)
    assert cache.info["counts"] == {"train": 4, "valid": 8}
    assert cache.info["classes"] == ["0", "1"]
    assert cache.info["skipped"] == [[stray, "lies in no folder that says whether it is learned from"]]


def test_a_folder_that_cannot_be_read_is_no_missing_class(
    tmp_path: Path, unreadable: Callable[[str], None]
) -> None:
    laid({f"class {n}/{n}.png": encoded(PIXELS[n]) for n in range(3)}, tmp_path)
    unreadable("class 0")
    for look in (folders.find, fingerprint):
        with pytest.raises(DataError, match=r"class 0: cannot be looked into: Permission denied"):
            look(tmp_path / "set")


@pytest.mark.parametrize("lay", [laid, zipped])
def test_masks_are_left_out_beside_train_and_test_alone(
    tmp_path: Path, lay: Callable[[dict[str, bytes], Path], Path]
) -> None:
    mvtec = ("train/good/0.png", "test/good/1.png", "test/crack/2.png", "ground_truth/crack/2.png")
    cache = prepare_images(lay({name: encoded(PIXELS[0]) for name in mvtec}, tmp_path), GREY)
    assert (cache.info["counts"], cache.info["skipped"]) == ({"train": 1, "valid": 2}, [])
    assert cache.info["classes"] == ["crack", "good"]
    (tmp_path / "other").mkdir()
    classes = ("ground_truth/0.png", "ground_truth/1.png", "sky/2.png")
    cache = prepare_images(
        lay({name: encoded(PIXELS[1]) for name in classes}, tmp_path / "other"), GREY, valid_share=0.0
    )
    assert cache.info["counts"] == {"train": 3, "valid": 0}
    assert cache.info["classes"] == ["ground_truth", "sky"]
