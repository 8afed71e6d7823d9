"""Files are written whole or not at all; names stay in their folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gansuite.errors import DataError
from gansuite.files import inside, write_atomically, write_beside


def test_text_is_written_as_utf8_with_its_line_ends(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", "é\r\n")
    assert (tmp_path / "a").read_bytes() == b"\xc3\xa9\r\n"


def test_a_name_may_be_as_long_as_names_can_be(tmp_path: Path) -> None:
    path = tmp_path / f"{'あ' * 83}.png"
    assert len(os.fsencode(path.name)) > 250
    write_atomically(path, b"whole")
    assert [*tmp_path.iterdir()] == [path]


def test_files_are_added_to_a_folder_together(tmp_path: Path) -> None:
    def fill(folder: Path) -> list[Path]:
        (folder / "deep").mkdir()
        for name in ("a", "deep/b"):
            (folder / name).write_text("new")
        return [folder / "a", folder / "deep/b"]

    target = tmp_path / "x" / "y"
    for _ in range(2):
        assert write_beside(target, fill) == [target / "a", target / "deep/b"]
    assert sorted(path.name for path in target.rglob("*")) == ["a", "b", "deep"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_folder_that_could_not_be_filled_is_as_before(tmp_path: Path, error: BaseException) -> None:
    def fill(folder: Path) -> list[Path]:
        (folder / "a").write_text("half")
        raise error

    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a").write_text("old")
    for target in (tmp_path / "new" / "deep", tmp_path / "old"):
        with pytest.raises(type(error)):
            write_beside(target, fill)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "old"]
    assert (tmp_path / "old" / "a").read_text() == "old"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"old")
    folder = tmp_path / "b"
    folder.mkdir()
    with pytest.raises(OSError):
        write_atomically(folder, b"new")  # a file cannot be renamed over a folder
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_bytes() == b"old"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a", "b"]


def test_a_written_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a", b"")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_reader_that_has_the_old_file_open_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"old")
    with path.open("rb") as reader:
        write_atomically(path, b"new and longer")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new and longer"


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/etc/passwd", "a/../../x", "link/x", "a\0b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    with pytest.raises(DataError):
        inside(folder, name)


def test_a_name_inside_the_folder_is_its_path(tmp_path: Path) -> None:
    assert inside(tmp_path, "a/b.mid") == tmp_path.resolve() / "a" / "b.mid"
