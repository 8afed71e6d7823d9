"""A run to export."""

from __future__ import annotations

import pytest
from exported import ring_run

from gansuite.runs import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return ring_run(tmp_path_factory.mktemp("runs"))
