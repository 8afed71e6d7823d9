"""Pictures as files, in and out of a graph."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gansuite.data.images.decoding import decode_whole
from gansuite.data.images.drawing import to_pixels
from gansuite.domain import Endpoint
from gansuite.export import guarding, pictures
from gansuite.export.pictures import in_bytes, most_pixels

RED = (200, 10, 30)


def negative(_networks: object, images: tf.Tensor) -> dict[str, tf.Tensor]:
    return {"images": 1.0 - images}


def endpoint(channels: int = 3, scale: int = 1) -> Endpoint:
    images = tf.TensorSpec([None, None, None, channels], tf.float32)
    return in_bytes(Endpoint(function=negative, inputs={"images": images}), channels, scale=scale)


def file(picture: Image.Image, kind: str) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind)
    return stream.getvalue()


def answers(contents: list[bytes], channels: int = 3, scale: int = 1) -> list[np.ndarray]:
    one = endpoint(channels, scale)

    @tf.function(autograph=False)
    def ask(image_bytes: tf.Tensor) -> tf.Tensor:
        return one.function({}, image_bytes=image_bytes)["png_bytes"]

    made = ask(tf.constant(contents)).numpy()
    return [np.asarray(Image.open(io.BytesIO(content))) for content in made]


def test_pictures_of_any_size_and_kind_are_one_batch() -> None:
    plain = Image.new("RGB", (5, 3), RED)
    contents = [
        file(plain, "PNG"),
        file(plain.resize((8, 9)), "BMP"),
        file(plain.resize((16, 16)), "JPEG"),
        file(plain.convert("RGBA"), "PNG"),
        file(plain.quantize(2), "PNG"),
        file(plain.convert("L"), "PNG"),
    ]
    found = answers(contents)
    assert [one.shape[:2] for one in found] == [(3, 5), (9, 8), (16, 16), (3, 5), (3, 5), (3, 5)]
    expected = 255 - np.array(RED)
    for number in (0, 1, 3, 4):
        assert (found[number] == expected).all()
    assert np.abs(found[2].astype(int) - expected).max() < 10
    assert (found[5] == 255 - np.asarray(plain.convert("L"))[0, 0]).all()


def test_colours_are_made_grey_for_a_model_of_grey_pictures() -> None:
    (found,) = answers([file(Image.new("RGB", (4, 4), (60, 60, 60)), "PNG")], channels=1)
    assert found.shape == (4, 4)
    assert (found == 195).all()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


#: Of each kind of PNG by its number, how many levels a pixel has, and how many bits they may have.
KINDS = {0: (1, (1, 2, 4, 8, 16)), 2: (3, (8, 16)), 3: (1, (1, 2, 4, 8)), 4: (2, (8, 16)), 6: (4, (8, 16))}


def png_of(kind: int, bits: int, *, some_clear: bool = False) -> bytes:
    """A PNG file of 16 × 16 random pixels, of a kind that Pillow may be unable to write."""
    random = np.random.default_rng(bits)
    levels, _ = KINDS[kind]
    rows = [random.bytes(2 * levels * bits) for _ in range(16)]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, bits, kind, 0, 0, 0))
    palette = chunk(b"PLTE", random.bytes(3 << bits)) if kind == 3 else b""
    clear = (
        random.bytes(max(1, 1 << bits >> 1))
        if kind == 3
        else bytes(x for y in rows[0][:levels] for x in (0, y))
    )
    chunks = head + palette + (chunk(b"tRNS", clear) if some_clear else b"")
    content = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + chunks + content + chunk(b"IEND", b"")


@pytest.mark.parametrize("channels", [3, 1])
def test_png_of_every_kind_is_what_a_command_reads(channels: int) -> None:
    contents = [png_of(kind, bits) for kind, (_, depths) in KINDS.items() for bits in depths]
    contents += [png_of(3, bits, some_clear=True) for bits in KINDS[3][1]]
    contents += [png_of(kind, 8, some_clear=True) for kind in (0, 2)]
    for content, found in zip(contents, answers(contents, channels), strict=True):
        expected = decode_whole(content, channels)
        assert (found.reshape(expected.shape) == 255 - expected).all()


@pytest.mark.parametrize("channels", [3, 1])
def test_every_level_is_laid_over_white_as_a_command_does(channels: int) -> None:
    level, alpha = np.mgrid[:256, :256].astype(np.uint8)
    for picture in (
        np.stack([level, 255 - level, level.T, alpha], axis=-1),
        np.stack([level, alpha], axis=-1),
    ):
        content = file(Image.fromarray(picture), "PNG")
        expected = decode_whole(content, channels)
        (found,) = answers([content], channels)
        assert (found.reshape(expected.shape) == 255 - expected).all()


def test_its_example_is_made_of_pictures() -> None:
    content = endpoint().example(2)["image_bytes"]  # type: ignore[misc]
    assert [Image.open(io.BytesIO(one)).format for one in content] == ["PNG", "PNG"]


def test_what_is_no_picture_is_an_error_of_the_graph() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError):
        answers([b"no picture"])


def test_too_large_a_picture_is_refused_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 15)
    with pytest.raises(tf.errors.InvalidArgumentError, match="a picture has more than 15 pixels"):
        answers([file(Image.new("RGB", (4, 4)), "PNG")])
    answers([file(Image.new("RGB", (3, 5)), "PNG")])


def test_fewer_pixels_are_taken_where_more_are_made_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert most_pixels(4) == 1 << 20
    monkeypatch.setattr(pictures, "MOST_PIXELS", 60)
    with pytest.raises(tf.errors.InvalidArgumentError, match="a picture has more than 15 pixels"):
        answers([file(Image.new("RGB", (4, 4)), "PNG")], scale=2)
    answers([file(Image.new("RGB", (3, 5)), "PNG")], scale=2)


def test_every_level_is_the_number_that_a_run_takes() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)

    def seen(_networks: object, images: tf.Tensor) -> dict[str, tf.Tensor]:
        exact = tf.equal(images, tf.constant(levels / np.float32(255), tf.float32))
        return {"images": tf.cast(exact, tf.float32)}

    images = tf.TensorSpec([None, None, None, 1], tf.float32)
    one = in_bytes(Endpoint(function=seen, inputs={"images": images}), 1)
    content = file(Image.fromarray(levels[0, ..., 0]), "PNG")
    ask = tf.function(lambda image_bytes: one.function({}, image_bytes=image_bytes), autograph=False)
    (made,) = ask(tf.constant([content]))["png_bytes"].numpy()
    assert (np.asarray(Image.open(io.BytesIO(made))) == 255).all()


def test_pixels_are_rounded_as_in_the_files_of_a_run() -> None:
    halves = (np.arange(-5, 260, dtype=np.float32) + 0.5) / 255
    made = np.concatenate([halves, np.linspace(-0.1, 1.1, 735, dtype=np.float32)]).reshape(1, 25, 40, 1)

    def given(_networks: object, images: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"images": tf.constant(made)}

    images = tf.TensorSpec([None, None, None, 1], tf.float32)
    one = in_bytes(Endpoint(function=given, inputs={"images": images}), 1)
    content = one.function({}, image_bytes=one.example(1)["image_bytes"])["png_bytes"].numpy()[0]  # type: ignore[misc]
    assert (np.asarray(Image.open(io.BytesIO(content))) == to_pixels(made)[0, ..., 0]).all()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "JPEG"])
def test_its_size_is_looked_at_before_room_is_made_for_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = file(Image.new("RGB", (300, 200)), kind)
    assert int(pictures._pixels(tf.constant(content))) == 60_000
    monkeypatch.setattr(pictures, "MOST_PIXELS", 59_999)
    # Cut off, so that it cannot be decoded: its size is what is said.
    with pytest.raises(tf.errors.InvalidArgumentError, match="a picture has more than 59999 pixels"):
        answers([content[: len(content) // 2]])


def with_a_screen_of_one_pixel() -> bytes:
    content = file(Image.new("P", (300, 200)), "GIF")
    return content[:6] + struct.pack("<HH", 1, 1) + content[10:]


def with_a_size_of_its_own_before_the_true_one() -> bytes:
    content = file(Image.new("RGB", (300, 200)), "PNG")
    body = b"abCd" + struct.pack(">II", 1, 1) + bytes(5)
    return content[:8] + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body)) + content[8:]


@pytest.mark.parametrize(
    "content",
    [
        with_a_screen_of_one_pixel(),
        b"GIF0" + with_a_screen_of_one_pixel()[4:],
        with_a_size_of_its_own_before_the_true_one(),
        file(Image.new("RGB", (300, 200)), "WEBP"),
    ],
    ids=["GIF", "GIF of no version", "PNG", "WebP"],
)
def test_what_does_not_say_at_its_beginning_how_large_it_is_is_refused(content: bytes) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="a picture is neither PNG nor JPEG nor BMP"):
        answers([file(Image.new("RGB", (4, 4)), "PNG"), content])


def test_the_pictures_of_a_request_are_limited_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_TOGETHER", 128)
    contents = [file(Image.new("RGB", (4, 4)), "PNG")] * 3
    with pytest.raises(tf.errors.InvalidArgumentError, match="pictures have more than 32 pixels together"):
        answers(contents, scale=2)
    answers(contents[:2], scale=2)


def test_what_is_worked_on_for_a_picture_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    def mirrored(images: tf.Tensor) -> tf.Tensor:
        return 16 * tf.shape(images, tf.int64)[2]

    images = tf.TensorSpec([None, None, None, 3], tf.float32)
    one = in_bytes(Endpoint(function=negative, inputs={"images": images}, pixels=mirrored))
    ask = tf.function(lambda image_bytes: one.function({}, image_bytes=image_bytes), autograph=False)
    monkeypatch.setattr(guarding, "MOST_PIXELS", 100)
    thin, high = (tf.constant([file(Image.new("RGB", size), "PNG")]) for size in ((7, 1), (1, 7)))
    assert ask(high)["png_bytes"].shape == (1,)
    with pytest.raises(tf.errors.InvalidArgumentError, match="a picture takes more than 100 pixels"):
        ask(thin)
