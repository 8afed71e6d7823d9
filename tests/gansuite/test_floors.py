"""The light floor stays light, and imports point down only."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from gansuite.registry import announcements

LIGHT = (
    "backend",
    "errors",
    "files",
    "nearest",
    "config",
    "settings",
    "plugin",
    "origin",
    "modules",
    "distributions",
    "registry",
    "contributions",
    "runs",
    "apart",
    "doctor",
    "scaffold",
)
FLOORS = (
    set(LIGHT),
    {"data", "deterministic", "layers", "losses", "models", "noise", "precision", "composition"},
    {"game", "domain", "rendering"},
    {"client", "training", "metrics", "reporting", "export"},
    {"testing"},
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


def names_of_our_plugins() -> list[str]:
    """What stands for the plugins of this repository: their names, packages and classes."""
    ours = [one.plugin for one in announcements() if one.distribution == "gansuite" and one.plugin]
    targets = [target for plugin in ours for target in (plugin.config, plugin.domain)]
    packages = {target.partition(".")[0] for target in targets}
    classes = {target.partition(":")[2] for target in targets}
    return sorted({plugin.name for plugin in ours} | packages | classes)


def test_the_core_names_no_plugin_of_ours(repository: Path) -> None:
    """Neither in code, comments and messages nor in other files; docstrings may have one as an example."""
    names = names_of_our_plugins()
    assert {"musegan", "gansuite_music", "MuseGANDomain", "dcgan", "gansuite_image"} <= set(names)
    named = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b", re.IGNORECASE)
    files = [file for file in sorted((repository / "gansuite").rglob("*")) if file.suffix in (".py", ".css")]
    found = [
        f"{file.relative_to(repository)} names {match[0]}"
        for file in files
        for match in named.finditer(without_docstrings(file))
    ]
    assert found == []


def without_docstrings(file: Path) -> str:
    """Return a file's text, that of Python with its docstrings left empty."""
    lines = file.read_text("utf-8").splitlines()
    if file.suffix == ".py":
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, documented) and ast.get_docstring(node) is not None:
                text = node.body[0]
                lines[text.lineno - 1 : text.end_lineno] = [""] * (text.end_lineno - text.lineno + 1)
    return "\n".join(lines)


def test_no_file_of_the_core_names_a_plugin(repository: Path) -> None:
    names = "|".join(re.escape(one.name) for one in announcements() if one.distribution == "gansuite")
    naming = re.compile(rf"(?<![\w-])({names})(?![\w-])")
    found = [
        f"{file}: {line}"
        for file in (repository / "gansuite").rglob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if naming.search(line)
    ]
    assert found == []
