"""Pictures of every mode and shape come into one form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gansuite.data.images.form import Form

MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "HSV"]


@settings(max_examples=60, deadline=None)
@given(
    mode=st.sampled_from(MODES),
    width=st.integers(1, 70),
    height=st.integers(1, 70),
    size=st.sampled_from([8, 32]),
    channels=st.sampled_from([1, 3]),
    fit=st.sampled_from(["crop", "pad", "stretch"]),
)
def test_any_picture_comes_out_in_the_form(
    mode: str, width: int, height: int, size: int, channels: int, fit: str
) -> None:
    form = Form(size=size, channels=channels, fit=fit)  # type: ignore[arg-type]
    pixels = form.apply(Image.new(mode, (width, height)))
    assert (pixels.shape, pixels.dtype) == ((size, size, channels), np.uint8)


def test_a_picture_that_fits_is_not_changed() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    for fit in ("crop", "pad", "stretch"):
        assert np.array_equal(Form(size=16, channels=3, fit=fit).apply_to_pixels(pixels), pixels)


def test_crop_cuts_the_middle_out() -> None:
    pixels = np.zeros((8, 24), np.uint8)
    pixels[:, 8:16] = 200
    assert (Form(size=8, channels=1, fit="crop").apply_to_pixels(pixels) == 200).all()


def test_pad_never_enlarges_and_fills_with_black() -> None:
    padded = Form(size=8, channels=1, fit="pad").apply_to_pixels(np.full((4, 6), 200, np.uint8))
    assert (padded[2:6, 1:7] == 200).all()
    assert padded.sum() == 200 * 4 * 6
    small = Form(size=8, channels=1, fit="pad").apply_to_pixels(np.full((8, 32), 200, np.uint8))
    assert (small[3:5] == 200).all()
    assert small.sum() == 200 * 8 * 2


def test_16_bit_greys_keep_their_upper_byte() -> None:
    picture = Image.fromarray(np.full((8, 8), 0x80FF, np.uint16))
    assert (Form(size=8, channels=1).apply(picture) == 0x80).all()


def test_transparency_lies_over_white() -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert (Form(size=8, channels=3).apply(clear) == 255).all()
    palette = Image.new("P", (8, 8))
    palette.putpalette([255, 0, 0])
    palette.info["transparency"] = 0
    assert (Form(size=8, channels=3).apply(palette) == 255).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_with_one_channel_are_grey(channels: int) -> None:
    pixels = np.full((8, 8, 1), 7, np.uint8)
    assert (Form(size=8, channels=channels).apply_to_pixels(pixels) == 7).all()
