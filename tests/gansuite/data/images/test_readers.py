"""Every form pictures lie in gives the same pictures, and damaged ones a reason or an error."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gansuite.data.cache import Cache
from gansuite.data.images.form import Form
from gansuite.data.images.names import share_split
from gansuite.data.images.preparing import prepare_images
from gansuite.errors import DataError

pytestmark = pytest.mark.usefixtures("data_home")
GREY = Form(size=8, channels=1)
COLOUR = Form(size=8, channels=3)
RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (12, 8, 8), np.uint8)
LABELS = np.arange(12, dtype=np.uint8) % 3


def encoded(pixels: np.ndarray, kind: str = "PNG", **more: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **more)
    return file.getvalue()


def values(cache: Cache, name: str) -> np.ndarray:
    return cache.arrays[name].read(np.arange(len(cache.arrays[name])))


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def as_folder(path: Path) -> Path:
    for number, (pixels, label) in enumerate(zip(PIXELS, LABELS, strict=True)):
        file = path / "train" / f"class {label}" / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encoded(pixels))
    held_out = path / "test" / "class 1" / "0.png"
    held_out.parent.mkdir(parents=True)
    held_out.write_bytes(encoded(PIXELS[0]))
    return path


def as_tar(path: Path) -> Path:
    with tarfile.open(path.with_suffix(".tar.gz"), "w:gz") as archive:
        archive.add(as_folder(path), "some/where")
    return path.with_suffix(".tar.gz")


def as_zip(path: Path) -> Path:
    folder = as_folder(path)
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(folder))
    return path.with_suffix(".zip")


def as_idx(path: Path) -> Path:
    path.mkdir()
    (path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(PIXELS)))
    (path / "train-labels-idx1-ubyte").write_bytes(idx(LABELS))
    (path / "t10k-images-idx3-ubyte").write_bytes(idx(PIXELS[:1]))
    (path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.ones(1, np.uint8))))
    return path


def as_npz(path: Path) -> Path:
    file = path.with_suffix(".npz")
    np.savez(file, x_train=PIXELS, y_train=LABELS, x_test=PIXELS[:1], y_test=np.ones(1, np.int64))
    return file


@pytest.mark.parametrize("lay", [as_folder, as_tar, as_zip, as_idx, as_npz])
def test_every_form_gives_the_same_pictures_labels_and_splits(
    tmp_path: Path, lay: Callable[[Path], Path]
) -> None:
    cache = prepare_images(lay(tmp_path / "set"), GREY)
    assert cache.info["counts"] == {"train": 12, "valid": 1}
    assert cache.info["skipped"] == []
    images, labels = values(cache, "train_images")[..., 0], values(cache, "train_labels")
    assert {(i.tobytes(), int(n)) for i, n in zip(images, labels, strict=True)} == {
        (i.tobytes(), int(n)) for i, n in zip(PIXELS, LABELS, strict=True)
    }
    assert np.array_equal(values(cache, "valid_images")[0, ..., 0], PIXELS[0])
    assert values(cache, "valid_labels").tolist() == [1]
    if cache.info["classes"]:
        assert cache.info["classes"] == ["class 0", "class 1", "class 2"]


def test_cifar_batches_are_read_channel_by_channel(tmp_path: Path) -> None:
    pictures = RNG.integers(0, 256, (4, 32, 32, 3), np.uint8)
    inner = tmp_path / "set" / "cifar-10-batches-bin"
    inner.mkdir(parents=True)
    rows = [bytes([label]) + picture.transpose(2, 0, 1).tobytes() for label, picture in enumerate(pictures)]
    (inner / "data_batch_1.bin").write_bytes(b"".join(rows[:2]))
    (inner / "data_batch_2.bin").write_bytes(rows[2])
    (inner / "test_batch.bin").write_bytes(rows[3])
    (inner / "batches.meta.txt").write_text("airplane\nautomobile\nbird\ncat\n\n")
    cache = prepare_images(tmp_path / "set", Form(size=32, channels=3))
    assert np.array_equal(values(cache, "train_images"), pictures[:3])
    assert np.array_equal(values(cache, "valid_images"), pictures[3:])
    assert values(cache, "train_labels").tolist() == [0, 1, 2]
    assert cache.info["classes"][3] == "cat"
    with (inner / "data_batch_1.bin").open("ab") as file:
        file.write(b"x")
    with pytest.raises(DataError, match=r"data_batch_1\.bin: is truncated"):
        prepare_images(tmp_path / "set", Form(size=32, channels=3))


def test_data_without_a_split_is_shared_out_by_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", images=np.zeros((400, 8, 8), np.uint8))
    counts = prepare_images(tmp_path / "set.npz", GREY, valid_share=0.25).info["counts"]
    assert sum(counts.values()) == 400
    assert 60 < counts["valid"] < 140


def test_unusable_pictures_are_listed_with_their_reasons_and_stop_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = encoded(PIXELS[0].repeat(8, 0).repeat(8, 1))
    frames = [Image.fromarray(pixels) for pixels in PIXELS[:2]]
    animated = io.BytesIO()
    frames[0].save(animated, "WEBP", save_all=True, append_images=frames[1:])
    bomb = encoded(np.zeros((9000, 9000), np.uint8))
    files = {
        "good.png": good,
        "photo.jpg": encoded(PIXELS[0], "JPEG"),
        "plain.bmp": encoded(PIXELS[0], "BMP"),
        "empty.png": b"",
        "truncated.png": good[: len(good) // 2],
        "text.jpg": b"this is no picture",
        "moving.webp": animated.getvalue(),
        "bomb.png": bomb,
        "old.gif": encoded(PIXELS[0], "GIF"),
        "scan.tiff": encoded(PIXELS[0], "TIFF"),
        "readme.txt": b"ignored",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    cache = prepare_images(tmp_path, GREY, valid_share=0.0)
    skipped = dict(cache.info["skipped"])
    assert cache.info["counts"]["train"] == 3
    unusable = {"empty.png", "truncated.png", "text.jpg", "moving.webp", "bomb.png"}
    assert skipped.keys() == unusable | {"old.gif", "scan.tiff"}
    assert "not a PNG" in skipped["old.gif"]
    assert skipped["empty.png"] == "is empty"
    assert skipped["moving.webp"] == "is animated"
    assert "too many pixels" in skipped["bomb.png"]
    assert "truncated or corrupt" in skipped["truncated.png"]
    assert "not a PNG" in skipped["text.jpg"]
    summary = capsys.readouterr().err
    assert "3 pictures to learn from" in summary
    assert "skipped 7" in summary


def test_the_same_holds_inside_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("good.png", encoded(PIXELS[0]))
        archive.writestr("../outside.png", encoded(PIXELS[0]))
        archive.writestr("empty.png", b"")
        archive.writestr("bomb.png", encoded(np.zeros((9000, 9000), np.uint8)))
    cache = prepare_images(tmp_path / "set.zip", GREY, valid_share=0.0)
    assert cache.info["counts"]["train"] == 1
    assert [name for name, _ in cache.info["skipped"]] == ["empty.png", "bomb.png"]
    assert not (tmp_path.parent / "outside.png").exists()


def test_the_order_is_natural_whatever_the_file_system_says(tmp_path: Path) -> None:
    for number in (10, 9, 2, 1):
        (tmp_path / f"{number}.png").write_bytes(encoded(np.full((8, 8), number, np.uint8)))
    images = values(prepare_images(tmp_path, GREY, valid_share=0.0), "train_images")
    assert images[:, 0, 0, 0].tolist() == [1, 2, 9, 10]


def test_pictures_are_turned_upright(tmp_path: Path) -> None:
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[:8] = 255
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    (tmp_path / "a.jpg").write_bytes(encoded(pixels, "JPEG", exif=exif, quality=95))
    upright = values(prepare_images(tmp_path, COLOUR, valid_share=0.0), "train_images")[0]
    assert upright[0].mean() < 20
    assert upright[-1].mean() > 235


def test_a_change_in_the_folder_is_prepared_anew(tmp_path: Path) -> None:
    as_folder(tmp_path / "set")
    first = prepare_images(tmp_path / "set", GREY)
    assert prepare_images(tmp_path / "set", GREY).folder == first.folder
    assert prepare_images(tmp_path / "set", COLOUR).folder != first.folder
    (tmp_path / "set" / "train" / "class 0" / "new.png").write_bytes(encoded(PIXELS[1]))
    assert prepare_images(tmp_path / "set", GREY).info["counts"]["train"] == 13


def test_nothing_usable_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no pictures")
    with pytest.raises(DataError, match="Looked for PNG"):
        prepare_images(tmp_path, GREY)
    (tmp_path / "broken.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"none of the pictures can be used(.|\n)*broken\.png is empty"):
        prepare_images(tmp_path, GREY)


def test_a_picture_that_is_held_out_leaves_none_to_learn_from_and_says_so(tmp_path: Path) -> None:
    names = (f"{number}.png" for number in range(1000))
    held_out = next(name for name in names if share_split(name, 0.1) == "valid")
    (tmp_path / held_out).write_bytes(encoded(PIXELS[0]))
    with pytest.raises(DataError, match=r"all are held out(.|\n)*data\.valid_share"):
        prepare_images(tmp_path, GREY, valid_share=0.1)
    assert prepare_images(tmp_path, GREY, valid_share=0.0).info["counts"]["train"] == 1


def damaged_idx(content: bytes, name: str = "a-images-idx3-ubyte") -> Callable[[Path], Path]:
    def lay(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return lay


def damaged_npz(**arrays: object) -> Callable[[Path], Path]:
    def lay(folder: Path) -> Path:
        np.savez(folder / "a.npz", **arrays)  # type: ignore[arg-type]
        return folder / "a.npz"

    return lay


def packed_npz(method: int) -> Callable[[Path], Path]:
    def lay(folder: Path) -> Path:
        np.savez(folder / "plain.npz", images=PIXELS)
        with (
            zipfile.ZipFile(folder / "plain.npz") as plain,
            zipfile.ZipFile(folder / "a.npz", "w", method) as packed,
        ):
            packed.writestr("images.npy", plain.read("images.npy"))
        return folder / "a.npz"

    return lay


def cut_tar(folder: Path) -> Path:
    file = as_tar(folder / "set")
    file.write_bytes(file.read_bytes()[:900])
    return file


@pytest.mark.parametrize(
    "lay",
    [
        damaged_idx(idx(PIXELS)[:-1]),
        damaged_idx(idx(PIXELS) + b"x"),
        damaged_idx(idx(PIXELS)[:9]),
        damaged_idx(bytes([0, 0, 8, 3]) + b"\xff" * 12),
        damaged_idx(gzip.compress(idx(PIXELS))[:-20], "a-images-idx3-ubyte.gz"),
        damaged_idx(idx(LABELS)),
        damaged_npz(pictures=PIXELS),
        damaged_npz(images=np.array([{}, {}])),
        damaged_npz(images=PIXELS.astype(np.float32)),
        damaged_npz(images=PIXELS, labels=LABELS[:5]),
        damaged_npz(images=PIXELS, labels=np.repeat(LABELS, 2)),
        damaged_npz(images=PIXELS, labels=LABELS + 0.5),
        damaged_npz(images=PIXELS, labels=np.eye(len(LABELS)) + 1),
        damaged_npz(images=PIXELS, labels=LABELS.astype(str)),
        damaged_npz(images=LABELS),
        damaged_npz(x=3.0),
        damaged_npz(images=PIXELS[..., None, None]),
        packed_npz(zipfile.ZIP_LZMA),
        cut_tar,
    ],
)
def test_damaged_array_files_are_named(tmp_path: Path, lay: Callable[[Path], Path]) -> None:
    file = lay(tmp_path)
    with pytest.raises(DataError) as caught:
        prepare_images(file, GREY)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    "labels",
    [LABELS, LABELS[:, None], LABELS.astype(float), np.eye(10)[LABELS], np.eye(10, dtype=bool)[LABELS]],
)
def test_labels_are_numbers_or_rows_with_a_single_one(tmp_path: Path, labels: np.ndarray) -> None:
    np.savez(tmp_path / "a.npz", images=PIXELS, labels=labels)
    cache = prepare_images(tmp_path / "a.npz", GREY, valid_share=0.0)
    assert values(cache, "train_labels").tolist() == LABELS.tolist()


def test_floats_between_0_and_1_are_pictures_too(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=PIXELS[:, None] / 255)
    images = values(prepare_images(tmp_path / "a.npz", GREY, valid_share=0.0), "train_images")
    assert np.array_equal(images[..., 0], PIXELS)


def test_fashion_mnist_and_photographs_are_read_whole(shared_data: Path) -> None:
    cache = prepare_images(shared_data / "fashion-mnist", Form(size=32, channels=1, fit="pad"))
    assert cache.info["counts"] == {"train": 60_000, "valid": 10_000}
    assert np.bincount(values(cache, "train_labels")).tolist() == [6000] * 10
    first = values(cache, "train_images")[0, 2:30, 2:30, 0]
    with gzip.open(shared_data / "fashion-mnist" / "train-images-idx3-ubyte.gz") as file:
        assert first.tobytes() == file.read(16 + 784)[16:]
    photographs = prepare_images(shared_data / "bsds400", Form(size=32, channels=3))
    assert sum(photographs.info["counts"].values()) == 400
