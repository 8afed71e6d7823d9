"""Tiny anomaly detection: settings, domains and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gansuite.composition import Request, compose
from gansuite.registry import load

SMALL = (
    "data.size=16", "data.channels=1", "data.normal=3", "latent=6", "generator.width=4",
    "discriminator.width=4",
    "training={steps=4,batch_size=8,report_every=2,sample_every=4}",
)  # fmt: skip
MORE = {
    "anogan": ("search={steps=12,starts=8,preview_steps=2}",),
    "f-anogan": ("encoder.width=4", "adversarial_steps=2"),
}


def small(plugin: str, *sets: str) -> Any:
    """Settings of a plugin that make it tiny, with others over them."""
    return compose(load(plugin), Request(assignments=[*SMALL, *MORE[plugin], *sets]))


def domain(plugin: str, *sets: str) -> Any:
    """A tiny domain."""
    return load(plugin).build_domain(small(plugin, *sets))


def write(folder: Path, count: int, brightness: int) -> None:
    """Write some grey pictures of 20 × 20."""
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, brightness, (20, 20), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
