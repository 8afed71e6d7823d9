"""Small real distributions, installed into a folder."""

from __future__ import annotations

import importlib
import os
import py_compile
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

PLUGIN = """
    from gansuite.plugin import Plugin

    {name} = Plugin(
        name="{name}",
        summary="A plugin of a test",
        config="{name}_package.config:Config",
        domain="{name}_package.domain:Domain",
        presets={{"small": {{"training": {{"steps": 3}}}}, "wrong": {{"training": {{"stepz": 3}}}}}},
    )
"""
CONFIG = """
    from __future__ import annotations

    from dataclasses import dataclass

    from gansuite.config import setting
    from gansuite.settings import Training


    @dataclass(frozen=True, kw_only=True)
    class Data:
        source: str = setting("chorales", help="What to learn from.")


    @dataclass(frozen=True, kw_only=True)
    class Config:
        data: Data = setting(Data(), help="Data.")
        training: Training = setting(Training(steps=100), help="Training.")
        width: int = setting(8, minimum=1, help="How wide.")
        voices: tuple[str, ...] = setting(("lead",), help="Who plays.")
"""


class Site:
    """A folder on the path that distributions are installed into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}

    def install(
        self,
        distribution: str,
        modules: Mapping[str, str],
        entry_points: Mapping[str, Mapping[str, str]],
        *,
        requires: Sequence[str] = (),
        version: str = "1.0",
    ) -> None:
        """Write a distribution: files by path, entry points by group and name, requirements."""
        for path, source in modules.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(source))
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        needs = "".join(f"Requires-Dist: {text}\n" for text in requires)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n{needs}"
        )
        lines = []
        for group, points in entry_points.items():
            lines += [f"[{group}]", *(f"{name} = {target}" for name, target in points.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        importlib.invalidate_caches()

    def compile(self, path: str) -> None:
        """Leave nothing of a module but what Python makes of its source."""
        source = self.folder / path
        py_compile.compile(str(source), str(source.with_suffix(".pyc")), doraise=True)
        source.unlink()
        importlib.invalidate_caches()

    def install_plugin(
        self, name: str, source: str = PLUGIN, *, files: Mapping[str, str] = {}, **more: Sequence[str]
    ) -> None:
        """Install a plugin as distribution ``<name>-dist`` with package ``<name>_package``."""
        modules = {
            "__init__.py": "",
            "plugin.py": source.format(name=name) if source is PLUGIN else source,
            "config.py": CONFIG,
            "domain.py": "class Domain: ...\n",
            **files,
        }
        self.install(
            f"{name}-dist",
            {f"{name}_package/{path}": text for path, text in modules.items()},
            {"gansuite.plugins": {name: f"{name}_package.plugin:{name}"}},
            **more,
        )
