"""Progress where there is no terminal."""

from __future__ import annotations

import pytest

from gansuite.data import progress as module
from gansuite.data.progress import progress, set_quiet


def test_work_passes_through_and_short_work_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress([1, 2, 3], "counting")) == [1, 2, 3]
    assert capsys.readouterr() == ("", "")


def test_long_work_is_a_plain_line_on_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", 0.0)
    with progress(10, "counting") as bar:
        bar.advance(4)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == "counting: 4 of 10"


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", 0.0)
    set_quiet(True)
    try:
        assert list(progress([1, 2], "counting")) == [1, 2]
        module.note("something")
    finally:
        set_quiet(False)
    assert capsys.readouterr() == ("", "")
