"""Settings as frozen dataclasses: read from layers, checked, written back as commented TOML.

::

    @dataclass(frozen=True, kw_only=True)
    class Piano:
        bars: int = setting(2, minimum=1, help="Bars in a phrase.")

    config = resolve(Piano, [read_layer(Path("my.toml")), assignments(["bars=4"])])

A setting is a ``bool``, ``int``, ``float``, ``str``, ``Path``, ``Literal[...]``, another such dataclass (a
TOML table), ``tuple[T, ...]`` of those (an array; of tables where ``T`` is a dataclass) or ``T | None``. TOML
knows no "nothing": the text ``"none"`` unsets a ``T | None``.
"""

from __future__ import annotations

from gansuite.config.differences import Difference, differences
from gansuite.config.layers import Layer, assignments, layered, read_layer
from gansuite.config.resolution import from_mapping, resolve
from gansuite.config.schema import Setting, inherited, setting, settings_of
from gansuite.config.writing import to_mapping, to_toml

__all__ = [
    "Difference",
    "Layer",
    "Setting",
    "assignments",
    "differences",
    "from_mapping",
    "inherited",
    "layered",
    "read_layer",
    "resolve",
    "setting",
    "settings_of",
    "to_mapping",
    "to_toml",
]
