"""Small pictures of two sides, and the domains that learn from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gansuite.composition import Request, compose
from gansuite.registry import load

SMALL = (
    "data.size=16", "data.jitter=4", "generator.width=4", "discriminator.width=4", "discriminator.layers=2",
    "data.valid_share=0.25", "training.batch_size=2",
)  # fmt: skip

Write = Callable[..., Path]
Make = Callable[..., Any]


def pixels(number: int, height: int = 24, width: int = 24) -> np.ndarray:
    """A picture that no other number has: uint8 (height, width, 3)."""
    return np.random.default_rng(number).integers(0, 255, (height, width, 3), np.uint8)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write pictures under a folder: name to pixels, or to a number."""

    def write(files: dict[str, np.ndarray | int], folder: str = "data") -> Path:
        for name, content in files.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels(content) if isinstance(content, int) else content).save(path)
        return tmp_path / folder

    return write


@pytest.fixture
def side_by_side(write: Write) -> Path:
    """Twelve pictures with A in their left half and, inverted, B in their right one."""
    halves = [pixels(number) for number in range(12)]
    return write({f"{number}.png": np.hstack([half, 255 - half]) for number, half in enumerate(halves)})


@pytest.fixture
def make() -> Make:
    """Make a small domain of a plugin on some data."""

    def make(plugin: str, source: Path | str, *sets: str) -> Any:
        announced = load(plugin)
        assignments = [*SMALL, f"data.source={source}", *sets]
        return announced.build_domain(compose(announced, Request(assignments=assignments)))

    return make
