"""No more memory is taken than an archive may need."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pytest

from gansuite.data.unpacking import unpack
from gansuite.errors import DataError


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_can_be_unpacked_bit_by_bit_is(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", method) as archive:
        archive.writestr("zeros", bytes(100 << 20))
    (tmp_path / "folder").mkdir()
    tracemalloc.start()
    with pytest.raises(DataError, match="zeros is packed by another method than deflate"):
        unpack(tmp_path / "bomb.zip", tmp_path / "folder")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 16 << 20
