"""How much memory a process holds."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from gansuite.training.memory import resident


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not say it in /proc")
def test_what_is_taken_shows() -> None:
    before = resident()
    assert before is not None
    taken = np.ones(50_000_000, np.uint8)
    after = resident()
    assert after is not None
    assert 40_000_000 < after - before < 80_000_000
    assert taken[-1]
