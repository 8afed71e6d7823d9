"""Models of one folder, FOLDER/NAME/VERSION, loaded when they are asked for: what both stand-ins serve."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf


@dataclass(frozen=True)
class LoadedModel:
    """A version of a model."""

    name: str
    version: int
    folder: Path
    loaded: Any


class LoadedModels:
    """Loads each version once.

    Args:
        folder: of the models.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._models: dict[tuple[str, int], LoadedModel] = {}
        self._lock = threading.Lock()

    def model(self, name: str, version: int | None) -> LoadedModel:
        """Return a version, or the newest.

        Raises:
            FileNotFoundError: there is none, in the server's words.
        """
        numbers = [int(path.name) for path in (self._folder / name).glob("*") if path.name.isdecimal()]
        if not numbers or (version is not None and version not in numbers):
            wanted = f"Latest({name})" if version is None else f"Specific({name}, {version})"
            raise FileNotFoundError(f"Servable not found for request: {wanted}")
        number = max(numbers) if version is None else version
        with self._lock:
            if (name, number) not in self._models:
                folder = self._folder / name / str(number)
                loaded = tf.saved_model.load(str(folder))
                self._models[name, number] = LoadedModel(name, number, folder, loaded)
            return self._models[name, number]
