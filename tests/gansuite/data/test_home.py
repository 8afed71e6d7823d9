"""Where data is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from gansuite.data.home import data_home
from gansuite.errors import DataError


def test_the_variable_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GANSUITE_HOME", "here")
    assert data_home() == tmp_path / "here"
    monkeypatch.setenv("GANSUITE_HOME", "~")
    assert data_home() == Path.home()


def test_a_folder_in_the_home_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANSUITE_HOME", "~nobody-is-called-so/data")
    with pytest.raises(DataError, match="nobody-is-called-so/data cannot be reached") as caught:
        data_home()
    assert "$GANSUITE_HOME" in str(caught.value)
