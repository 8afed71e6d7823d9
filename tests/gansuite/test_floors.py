"""The light floor stays light, and imports point down only."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

LIGHT = (
    "errors",
    "files",
    "nearest",
    "config",
    "settings",
    "plugin",
    "modules",
    "distributions",
    "registry",
    "runs",
)
FLOORS = (
    set(LIGHT),
    {"data", "layers", "losses", "noise", "precision", "composition"},
    {"game", "domain"},
    {"training", "metrics", "reporting", "export"},
    {"cli", "__main__"},
)


def test_the_light_floor_imports_no_numbers() -> None:
    names = [f"gansuite.{name}" for name in LIGHT]
    program = f"""
import importlib, sys
for name in {names!r}:
    importlib.import_module(name)
print(*{{name.partition(".")[0] for name in sys.modules}} & {{"tensorflow", "keras", "numpy"}})
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []


def floor(name: str) -> int:
    return next(height for height, names in enumerate(FLOORS) if name in names)


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module is not None
            and node.module.startswith("gansuite.")
        ):
            names.add(node.module.split(".")[1])
        if isinstance(node, ast.ImportFrom) and node.module == "gansuite":
            names |= {alias.name for alias in node.names if not alias.name.startswith("__")}
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("gansuite.")}
    return names


def test_imports_point_down_only(repository: Path) -> None:
    upward = []
    for file in sorted((repository / "gansuite").rglob("*.py")):
        name = file.relative_to(repository / "gansuite").parts[0].removesuffix(".py")
        if name != "__init__":
            upward += [f"{file} imports {other}" for other in imported(file) if floor(other) > floor(name)]
    assert upward == []


@pytest.mark.parametrize("package", ["gansuite_music", "gansuite_image"])
def test_the_core_knows_no_plugin(repository: Path, package: str) -> None:
    files = (repository / "gansuite").rglob("*.py")
    assert [file for file in files if package in file.read_text("utf-8")] == []
