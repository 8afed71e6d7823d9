"""A list of what shows the effect of each setting, to be compared with the settings there are."""

from __future__ import annotations

from collections.abc import Callable
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
