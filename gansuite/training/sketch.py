"""Samples during training, always from the same inputs."""

from __future__ import annotations

import shutil
from pathlib import Path

from gansuite.domain import Domain
from gansuite.rendering import rendered
from gansuite.training.snapshot import Snapshot


class Sketch:
    """Draws a domain's preview.

    Args:
        domain: what to draw.
        snapshot: what to draw with.
        folder: `step-00000500/` and its like are made in it.
    """

    def __init__(self, domain: Domain, snapshot: Snapshot, folder: Path) -> None:
        self._domain = domain
        self._snapshot = snapshot
        self._folder = folder
        self._preview = domain.preview()

    def draw(self, step: int) -> list[Path]:
        """Draw the preview; a folder appears with all its files or not at all."""
        final, draft = self._folder / f"step-{step:08d}", self._folder / f".drawing-{step:08d}"
        for old in (draft, final):
            shutil.rmtree(old, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            outputs = self._snapshot.take().call(self._preview.endpoint, self._preview.inputs)
            files = rendered(self._domain, outputs, draft, self._preview.names)
            draft.rename(final)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return [final / file.relative_to(draft) for file in files]
