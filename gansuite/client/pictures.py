"""Pictures made of pictures, one at a time, by a run or by a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gansuite.client.asking import TooLargeError
from gansuite.client.server import Server
from gansuite.data.images.decoding import decode_whole
from gansuite.data.images.drawing import png, to_pixels
from gansuite.data.workers import Unusable
from gansuite.errors import GansuiteError
from gansuite.export.pictures import most_pixels

if TYPE_CHECKING:
    from gansuite.training.trained import Trained


def made_of(
    trained: Trained, endpoint: str, pixels: np.ndarray, *, scale: int, **more: np.ndarray
) -> np.ndarray:
    """Answer an endpoint from `images` to `images` for one picture.

    A server is asked for the endpoint's `…_bytes`, where there is one and no more than the picture is given:
    a PNG file there and back is the same picture, and a tenth of its numbers written out.

    Args:
        trained: the run.
        endpoint: its name.
        pixels: uint8 (height, width, channels).
        scale: how many times higher and wider what the endpoint makes is.
        more: other inputs, of one row.

    Returns:
        uint8 (scale · height, scale · width, channels).

    Raises:
        TooLargeError: a server does not take this picture; it may take others.
        UsageError: a server made a picture of another size: what it serves is not the run.
        GansuiteError: a server did not answer as it should.
    """
    made = _made(trained, endpoint, pixels, most_pixels(scale), more)
    height, width, channels = pixels.shape
    expected = (scale * height, scale * width, channels)
    if made.shape != expected and isinstance(trained.answers, Server):
        what = f"of a picture of shape {pixels.shape} it makes one of {made.shape}, not of {expected}"
        raise trained.answers.another(what)
    return made


def _made(
    trained: Trained, endpoint: str, pixels: np.ndarray, most: int, more: Mapping[str, np.ndarray]
) -> np.ndarray:
    in_bytes = f"{endpoint}_bytes"
    if trained.is_local or more or in_bytes not in trained.domain.endpoints():
        images = (pixels[None] / np.float32(255)).astype(np.float32)
        return to_pixels(trained.call(endpoint, {"images": images, **more})["images"][0])
    height, width, channels = pixels.shape
    if height * width > most:
        raise TooLargeError(f"it has {height * width:,} pixels, and a server takes {most:,}")
    content = np.array([png(pixels)], object)
    answer = trained.call(in_bytes, {"image_bytes": content})["png_bytes"][0]
    try:
        return decode_whole(answer, channels)
    except Unusable as why:
        raise GansuiteError(f"the picture that a server made {why}", where=f"signature {in_bytes}") from why
