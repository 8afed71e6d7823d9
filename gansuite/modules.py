"""Modules found and read without running any of their code."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, all_suffixes
from pathlib import Path
from typing import Any

LARGEST_SOURCE = 1 << 20


class UnreadableError(Exception):
    """A module is missing or says something that cannot be known without running it."""


class CompiledError(UnreadableError):
    """A module is there, but not as Python source.

    Attributes:
        path: where it is; None where that is no file, as of one that Python itself brings.
    """

    def __init__(self, name: str, path: Path | None) -> None:
        super().__init__(f"module {name} is not Python source")
        self.path = path


def find(name: str) -> Path | None:
    """The source file of a dotted module name; None where it is not there.

    Only the top-level name is given to Python's finders, which import nothing then (works for editable
    installs too); the rest is a walk over folders.

    Raises:
        CompiledError: it exists, but not as Python source.
        UnreadableError: where it lies cannot be looked into.
    """
    try:
        return _found(name)
    except OSError as error:
        raise UnreadableError(f"module {name} cannot be looked for: {error}") from error


def _found(name: str) -> Path | None:
    top, *rest = name.split(".")
    spec = _spec(top)
    if spec is None:
        return None
    if spec.submodule_search_locations is None:
        return None if rest else _source(spec, name)
    folders = [Path(folder) for folder in spec.submodule_search_locations]
    if not rest:
        return _source(spec, name) if spec.origin else next(iter(folders), None)
    for part in rest[:-1]:
        folders = [folder / part for folder in folders if (folder / part).is_dir()]
    for folder in folders:
        for place in (folder / rest[-1] / "__init__", folder / rest[-1]):
            if (file := _file(place, name)) is not None:
                return file
    return next((folder / rest[-1] for folder in folders if (folder / rest[-1]).is_dir()), None)


def _file(place: Path, name: str) -> Path | None:
    """The source of what Python would import from a path without its ending; None where there is nothing."""
    source = place.with_name(f"{place.name}.py")
    if source.is_file():
        return source
    for suffix in all_suffixes():
        compiled = place.with_name(f"{place.name}{suffix}")
        if compiled.is_file():
            raise CompiledError(name, compiled)
    return None


def is_installed(top: str) -> bool:
    """Whether a top-level module can be found."""
    try:
        return _spec(top) is not None
    except OSError:
        return False


def _spec(top: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(top)
    except OSError:
        raise
    except Exception:
        # A module that runs as __main__ or was put into sys.modules by hand has no spec; and the finders that
        # editable installs bring along may fail in ways of their own.
        return None


def _source(spec: ModuleSpec, name: str) -> Path:
    if spec.origin is None or not spec.origin.endswith(".py"):
        place = spec.origin if spec.has_location else None
        raise CompiledError(name, None if place is None else Path(place))
    return Path(spec.origin)


def parse(name: str) -> ast.Module:
    """The syntax tree of a module.

    Raises:
        UnreadableError: it is missing, larger than 1 MiB, no text or not Python.
    """
    path = find(name)
    if path is None or path.is_dir():
        raise UnreadableError(f"module {name} is missing")
    try:
        with path.open("rb") as stream:
            source = stream.read(LARGEST_SOURCE + 1)
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error
    if len(source) > LARGEST_SOURCE:
        raise UnreadableError(f"{path} is larger than 1 MiB")
    try:
        return ast.parse(source, filename=str(path))
    except SyntaxError as error:
        raise UnreadableError(f"syntax error in {path}, line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError(f"{path} cannot be parsed: {error}") from error


def literal_call(module: ast.Module, name: str, callee: str) -> dict[str, Any]:
    """The keyword arguments of ``name = callee(...)`` at the top of a module.

    Raises:
        UnreadableError: there is no such assignment, or its arguments are not literals given by keyword.
    """
    call = _assigned(module, name)
    if not isinstance(call, ast.Call) or _last_name(call.func) != callee:
        raise UnreadableError(f"{name} = {callee}(...) is not at the top level of the module")
    if call.args or any(keyword.arg is None for keyword in call.keywords):
        raise UnreadableError(f"{name} = {callee}(...) must give its arguments by keyword")
    return {str(keyword.arg): _literal(keyword.value, str(keyword.arg)) for keyword in call.keywords}


def _assigned(module: ast.Module, name: str) -> ast.expr | None:
    found = None
    for statement in module.body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            found = statement.value  # type: ignore[attr-defined]
    return found


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _literal(node: ast.expr, argument: str) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise UnreadableError(f"{argument} must be a literal (line {node.lineno})") from error


def missing_imports(module: ast.Module, name: str) -> list[str]:
    """Modules that a module imports at its top level (outside ``try`` and ``if``) and that are not there.

    Args:
        module: its syntax tree.
        name: its dotted name, from which relative imports count.
    """
    missing = []
    for imported in _imported(module, name):
        top = imported.partition(".")[0]
        try:
            # The plugin's own modules are looked for as files, other packages by their top-level name only.
            own = top == name.partition(".")[0]
            there = find(imported) is not None if own else is_installed(top)
        except UnreadableError:
            there = True
        if not there:
            missing.append(imported)
    return missing


def _imported(module: ast.Module, name: str) -> Iterator[str]:
    path = find(name)
    package = name.split(".") if path is not None and path.name == "__init__.py" else name.split(".")[:-1]
    for statement in module.body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            above = package[: len(package) - statement.level + 1] if statement.level else []
            dotted = ".".join([*above, *([statement.module] if statement.module else [])])
            if dotted:
                yield dotted


def first_line_of_docstring(module: ast.Module, name: str) -> str | None:
    """What a top-level function or class says it is; None where it says nothing."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for statement in module.body:
        if isinstance(statement, kinds) and statement.name == name:
            text = ast.get_docstring(statement)
            return text.strip().splitlines()[0] if text and text.strip() else None
    return None
