"""Archives that claim one thing and hold another."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from gansuite.data.images import archives
from gansuite.data.images.form import Form

GREY = Form(size=8, channels=1)


def test_no_more_is_unpacked_than_a_zip_claims(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("liar.png", bytes(100 << 20))
        archive.filelist[0].file_size = 1000
        archive.filelist[0].CRC = zlib.crc32(bytes(1000))
    tracemalloc.start()
    collection = archives.find(tmp_path / "set.zip")
    assert collection is not None
    pictures = list(collection.read(GREY))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [picture.reason for picture in pictures] == ["is not a PNG, JPEG, BMP or WebP picture"]
    assert most < 16 << 20


def test_what_is_zipped_by_another_method_is_skipped(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(file, "PNG")
    content = file.getvalue()
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("good.png", content, zipfile.ZIP_DEFLATED)
        archive.writestr("bzip2.png", content, zipfile.ZIP_BZIP2)
        archive.writestr("lzma.png", content, zipfile.ZIP_LZMA)
    collection = archives.find(tmp_path / "set.zip")
    assert collection is not None
    reasons = {picture.name: picture.reason for picture in collection.read(GREY)}
    reason = "is packed by another method than deflate"
    assert reasons == {"good.png": None, "bzip2.png": reason, "lzma.png": reason}
