"""Tries the promises on the plugins that a module names."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("promises")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give tests of a plugin the module's plugins, and tests of a kill its kills."""
    if "moment" in metafunc.fixturenames:
        metafunc.parametrize(("plugin", "devices", "moment"), metafunc.module.KILLED)
    elif "plugin" in metafunc.fixturenames:
        metafunc.parametrize("plugin", metafunc.module.PLUGINS)
