"""What tests of reading data may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest


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
