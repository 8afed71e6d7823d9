"""Pictures as files, in and out of a graph."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gansuite.domain import Endpoint
from gansuite.export import pictures
from gansuite.export.pictures import in_bytes

RED = (200, 10, 30)


def negative(_networks: object, images: tf.Tensor) -> dict[str, tf.Tensor]:
    return {"images": 1.0 - images}


def endpoint(channels: int = 3) -> Endpoint:
    images = tf.TensorSpec([None, None, None, channels], tf.float32)
    return in_bytes(Endpoint(function=negative, inputs={"images": images}), channels)


def file(picture: Image.Image, kind: str) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind)
    return stream.getvalue()


def answers(contents: list[bytes], channels: int = 3) -> list[np.ndarray]:
    one = endpoint(channels)

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


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "JPEG"])
def test_its_size_is_looked_at_before_room_is_made_for_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = file(Image.new("RGB", (300, 200)), kind)
    assert int(pictures._pixels(tf.constant(content))) == 60_000
    monkeypatch.setattr(pictures, "MOST_PIXELS", 59_999)
    # Cut off, so that it cannot be decoded: its size is what is said.
    with pytest.raises(tf.errors.InvalidArgumentError, match="a picture has more than 59999 pixels"):
        answers([content[: len(content) // 2]])
