"""Benchmarks as people run them, quickly: whether they run and say what they measured, not what that was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from warm import warm

#: They start processes that begin as they do themselves.
COLD = ("memory", "startup")


def run(repository: Path, name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run benchmarks/NAME.py."""
    script = f"benchmarks/{name}.py"
    return subprocess.run(
        [*((sys.executable, script) if name in COLD else warm(script)), *words],
        cwd=repository, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip


def quick(repository: Path, name: str, *words: str) -> dict[str, Any]:
    """Run it with `--quick`, and return what it printed."""
    done = run(repository, name, "--quick", *words)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["quick"]
    assert result["figures"]
    for figure in result["figures"]:
        assert set(figure) == {"name", "value", "unit", "promise", "holds"}
        assert figure["value"] == figure["value"], "not a number"
    return result
