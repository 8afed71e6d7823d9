"""A list of what shows the effect of each setting, to be compared with the settings there are."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType
from typing import Any

Effect = Callable[..., None]


class Entries(dict[tuple[str, str], Effect]):
    """By plugin and dotted path: a function that changes the setting and looks at what follows."""

    def shows(self, *paths: str, plugins: tuple[str, ...]) -> Callable[[Any], Any]:
        """Enter a function as what shows the effect of some settings."""

        def enter(effect: Effect) -> Effect:
            for key in ((plugin, path) for plugin in plugins for path in paths):
                assert key not in self, f"two entries for {key}"
                self[key] = effect
            return effect

        return enter


def can_fail(effect: Effect) -> bool:
    """Whether a function asserts something, itself or in a function that it calls by name."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(effect)))
    if any(isinstance(node, ast.Assert) or _asserts(node) for node in ast.walk(tree)):
        return True
    called = {node.func.id for node in ast.walk(tree) if _is_named_call(node)}
    scope = inspect.unwrap(effect).__globals__
    return any(can_fail(scope[name]) for name in called if isinstance(scope.get(name), FunctionType))


def _asserts(node: ast.AST) -> bool:
    name = getattr(node, "attr", "")
    return name == "raises" or name.startswith("assert_")


def _is_named_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
