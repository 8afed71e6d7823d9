"""A new plugin to begin with: whole, installable and tested, made without asking the network."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template

from gansuite import __version__
from gansuite.errors import UsageError
from gansuite.files import write_beside
from gansuite.modules import is_installed
from gansuite.plugin import API

_TEMPLATES = Path(__file__).parent / "templates"
_NAME = re.compile(r"[a-z]([a-z0-9_-]{0,46}[a-z0-9])?")


def scaffold(name: str, folder: Path, taken: frozenset[str]) -> list[Path]:
    """Write a plugin.

    Args:
        name: its name.
        folder: where to; made, and empty where it exists.
        taken: names that it cannot have: of verbs, and of plugins that are installed.

    Returns:
        The files.

    Raises:
        UsageError: the name cannot be one, or the folder holds something or cannot be written.
    """
    identifier = name.replace("-", "_")
    package = f"gansuite_{identifier}"
    _check(name, package, taken)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("there is something already", where=str(folder), hint="Name another folder with -o.")
    words = {
        "name": name, "identifier": identifier, "package": package,
        "distribution": f"gansuite-{name.replace('_', '-')}", "version": __version__, "api": str(API),
    }  # fmt: skip
    files = {
        "pyproject.toml": "pyproject.toml", "README.md": "README.md", f"{package}/__init__.py": "init.py",
        f"{package}/plugin.py": "plugin.py", f"{package}/config.py": "config.py",
        f"{package}/domain.py": "domain.py", f"tests/test_{identifier}.py": "test.py",
    }  # fmt: skip

    def fill(draft: Path) -> list[Path]:
        for file, template in files.items():
            (draft / file).parent.mkdir(parents=True, exist_ok=True)
            text = Template((_TEMPLATES / f"{template}.tmpl").read_text("utf-8")).substitute(words)
            (draft / file).write_text(text, "utf-8")
        return [draft / file for file in files]

    try:
        return write_beside(folder, fill)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise UsageError(what, where=str(folder), hint="Make room or give access there.") from error


def _check(name: str, package: str, taken: frozenset[str]) -> None:
    hint = "Use lower-case letters and digits, '-' and '_' between them, and begin with a letter."
    if not _NAME.fullmatch(name) or keyword.iskeyword(name.replace("-", "_")):
        raise UsageError(f"{name!r} cannot be the name of a plugin", where="NAME", hint=hint)
    if name in taken or is_installed(package):
        what = (
            f"{name} is the name of a verb or of a plugin that is installed, or {package} that of a package"
        )
        raise UsageError(what, where="NAME", hint="Choose another one.")
