"""Archives reach nothing outside, take no more room than they may, and are whole or named as damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tars import tar_of

from gansuite.data.unpacking import Bounds, unpack
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


def link(kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo("link")
    member.type, member.linkname = kind, "/etc/passwd"
    return member


@pytest.mark.parametrize(
    "member", ["../out.txt", "/out.txt", link(tarfile.SYMTYPE), link(tarfile.LNKTYPE), link(tarfile.CHRTYPE)]
)
def test_a_tar_reaches_nothing_outside(tmp_path: Path, member: str | tarfile.TarInfo) -> None:
    (tmp_path / "a.tar.gz").write_bytes(tar_of((member, b"")))
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError):
        unpack(tmp_path / "a.tar.gz", tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.tar.gz", "folder"]


def test_a_zip_reaches_nothing_outside(tmp_path: Path) -> None:
    outside, linked = zipfile.ZipInfo("../out.txt"), zipfile.ZipInfo("link")
    linked.external_attr = (stat.S_IFLNK | 0o777) << 16
    for member in (outside, linked):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(member, "/etc/passwd")
        (tmp_path / "folder").mkdir(exist_ok=True)
        with pytest.raises(DataError):
            unpack(tmp_path / "a.zip", tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip", "folder"]


def test_bombs_are_defused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(5 << 20))
    (tmp_path / "many.tar.gz").write_bytes(tar_of(*((f"{n}", b"") for n in range(20))))
    for name, bounds in (("bomb.zip", Bounds(bytes=1 << 20)), ("many.tar.gz", Bounds(files=10))):
        folder = tmp_path / f"of-{name}"
        folder.mkdir()
        with pytest.raises(DataError, match="more than"):
            unpack(tmp_path / name, folder, bounds)
        assert sum(file.stat().st_size for file in folder.iterdir()) <= 1 << 20


@pytest.mark.parametrize("kind", ["", ":gz", ":xz", ":bz2"])
@pytest.mark.parametrize("damage", ["header", "cut in a header", "cut after a header", "nothing", "no end"])
def test_a_damaged_tar_is_never_taken_for_a_shorter_one(tmp_path: Path, kind: str, damage: str) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for number in range(4):
            member = tarfile.TarInfo(f"{number}.bin")
            member.size = 512
            archive.addfile(member, io.BytesIO(bytes([number + 1]) * 512))
    content = bytearray(packed.getvalue())
    if damage == "header":
        content[2 * 1024 + 10] ^= 1
    elif damage != "nothing":
        ends = {"cut in a header": 2 * 1024 + 100, "cut after a header": 2 * 1024 + 512, "no end": 4 * 1024}
        del content[ends[damage] :]
    name = f"a.tar{kind.replace(':', '.')}"
    packers = {"": bytes, ":gz": gzip.compress, ":xz": lzma.compress, ":bz2": bz2.compress}
    (tmp_path / name).write_bytes(packers[kind](bytes(content)))
    (tmp_path / "folder").mkdir()
    if damage in ("nothing", "no end"):
        unpack(tmp_path / name, tmp_path / "folder")
        assert len(list((tmp_path / "folder").iterdir())) == 4
    else:
        with pytest.raises(DataError, match="damaged"):
            unpack(tmp_path / name, tmp_path / "folder")


@pytest.mark.parametrize("name", ["a.tar.xz", "a.tar.bz2", "a.tar.gz"])
def test_bytes_that_do_not_unpack_are_a_damaged_archive(tmp_path: Path, name: str) -> None:
    packers = {"a.tar.xz": lzma.compress, "a.tar.bz2": bz2.compress, "a.tar.gz": gzip.compress}
    content = bytearray(packers[name](np.random.default_rng(0).bytes(100_000)))
    content[len(content) // 2] ^= 255
    (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="archive"):
        unpack(tmp_path / name, tmp_path / "folder")


def test_a_file_and_a_folder_of_one_name_are_damage(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("a/b", b"2")
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="damaged"):
        unpack(tmp_path / "a.zip", tmp_path / "folder")


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_a_truncated_archive_is_named(tmp_path: Path, name: str) -> None:
    content = tar_of(("a", bytes(range(256)) * 100))
    if name == "a.zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a", bytes(1000))
        content = packed.getvalue()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="damaged"):
        unpack(tmp_path / name, tmp_path / "folder")
