"""The claims of musegan are measured by one command."""

from __future__ import annotations

from pathlib import Path

from benching import quick


def test_music_is_judged_beside_held_out_chorales(repository: Path) -> None:
    result = quick(repository, "claims/musegan")
    assert len(result["figures"]) == 9
    assert all(figure["holds"] in (True, False) for figure in result["figures"])
