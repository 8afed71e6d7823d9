"""Turn a stranger's picture file into pixels, or say in a few words why it cannot be used.

Runs in worker processes: imports little.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from gansuite.data.images.form import Form, as_channels
from gansuite.data.workers import Unusable

FORMATS = ("PNG", "JPEG", "BMP", "WEBP")
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")
#: Of pictures that are not read, and are named among those left out.
UNREAD = (".gif", ".tif", ".tiff")
NOT_READ = "is not a PNG, JPEG, BMP or WebP picture"
LARGEST_FILE = 64 << 20
MOST_PIXELS = 64 << 20

BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    KeyError,
    IndexError,
    TypeError,
)


def read_file(path: Path, settings: Any) -> tuple[Any, Sequence[bytes]]:
    """Read one file as a worker: no facts, and the pixels' bytes.

    Args:
        path: the picture.
        settings: of a `Form`.
    """
    size = path.stat().st_size
    _check_size(size)
    with path.open("rb") as file:
        return None, (_decode(file, Form.from_mapping(settings)).tobytes(),)


def decode(content: bytes, form: Form) -> np.ndarray:
    """Decode a picture file's content.

    Returns:
        uint8 (size, size, channels), turned upright as its EXIF data says.

    Raises:
        Unusable: it is empty, too large, animated, truncated, corrupt or not a picture.
    """
    _check_size(len(content))
    return _decode(io.BytesIO(content), form)


def read_fitted(path: Path, form: Form) -> np.ndarray:
    """Read one file as pictures that are learned from are read.

    Args:
        path: the picture.
        form: how it is brought into shape.

    Returns:
        uint8 (size, size, channels).

    Raises:
        Unusable: as `decode`, or it cannot be opened.
    """
    try:
        _check_size(path.stat().st_size)
        with path.open("rb") as file:
            return _decode(file, form)
    except OSError as error:
        raise Unusable(f"cannot be opened ({error.strerror or error})") from error


def read_whole(path: Path, channels: int) -> np.ndarray:
    """Read one file at the size it has.

    Args:
        path: the picture.
        channels: 1 for grey, 3 for RGB.

    Returns:
        uint8 (height, width, channels), turned upright as its EXIF data says.

    Raises:
        Unusable: as `decode`, or it cannot be opened.
    """
    try:
        _check_size(path.stat().st_size)
        with path.open("rb") as file:
            return _opened(file, None, lambda picture: _whole(picture, channels))
    except OSError as error:
        raise Unusable(f"cannot be opened ({error.strerror or error})") from error


def decode_whole(content: bytes, channels: int) -> np.ndarray:
    """Decode a picture file's content at the size it has; as `read_whole`."""
    _check_size(len(content))
    return _opened(io.BytesIO(content), None, lambda picture: _whole(picture, channels))


def _whole(picture: Image.Image, channels: int) -> np.ndarray:
    pixels = np.asarray(as_channels(picture, channels), np.uint8)
    return pixels.reshape(*pixels.shape[:2], channels)


def _check_size(size: int) -> None:
    if size == 0:
        raise Unusable("is empty")
    if size > LARGEST_FILE:
        raise Unusable(f"is larger than {LARGEST_FILE >> 20} MiB")


def _decode(file: BinaryIO, form: Form) -> np.ndarray:
    return _opened(file, form.size, form.apply)


def _opened(file: BinaryIO, size: int | None, use: Callable[[Image.Image], np.ndarray]) -> np.ndarray:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # broken EXIF data and the like; size is checked below
            with Image.open(file, formats=FORMATS) as picture:
                _check_picture(picture)
                if size is not None:
                    # A large JPEG is decoded at a fraction of its size, at least twice the one asked for.
                    picture.draft(None, (2 * size, 2 * size))
                picture.load()
                return use(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError as error:
        raise Unusable("has too many pixels") from error
    except UnidentifiedImageError as error:
        raise Unusable(NOT_READ) from error
    except BROKEN as error:
        raise Unusable(f"is truncated or corrupt ({error})") from error


def _check_picture(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise Unusable(f"has too many pixels ({width} × {height})")
    if getattr(picture, "is_animated", False):
        raise Unusable("is animated")
