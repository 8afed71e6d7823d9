"""Processes that run code of others."""

from __future__ import annotations

import subprocess
from pathlib import Path

from gansuite.apart import COMMAND


def test_what_lies_in_the_working_folder_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('hidden')\n")
    done = subprocess.run([*COMMAND, "--version"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
