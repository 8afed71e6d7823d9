"""What tests of more than one part may ask for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sites import Site


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An empty folder on the path of this process, and in ``site.environment`` for others."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    known = set(sys.modules)
    yield Site(folder)
    for name in set(sys.modules) - known:
        if name.partition(".")[0].endswith("_package"):
            del sys.modules[name]


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes folders of a name unreadable: permissions do not bind whoever tests as root."""
    reading = os.scandir

    def make(name: str) -> None:
        def refusing(path: str | int) -> object:
            if str(path).rpartition(os.sep)[2] == name:
                raise PermissionError(13, "Permission denied", path)
            return reading(path)

        monkeypatch.setattr(os, "scandir", refusing)

    return make
