"""No folder is left out in silence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gansuite.data.walking import walk
from gansuite.errors import DataError


def test_every_folder_is_gone_through(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one.png").touch()
    assert [*walk(tmp_path)] == [*os.walk(tmp_path)]


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, unreadable: Callable[[str], None]) -> None:
    (tmp_path / "a").mkdir()
    unreadable("a")
    with pytest.raises(DataError, match=r"a: cannot be looked into: Permission denied"):
        list(walk(tmp_path))
