"""No folder is left out in silence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gansuite.data.walking import walk
from gansuite.errors import DataError


def test_every_folder_is_gone_through(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one.png").touch()
    assert [*walk(tmp_path)] == [*os.walk(tmp_path)]


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    reading = os.scandir

    def refusing(path: str) -> object:
        # Permissions do not bind whoever tests as root.
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied", path)
        return reading(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(DataError, match=r"a: cannot be looked into: Permission denied"):
        list(walk(tmp_path))
