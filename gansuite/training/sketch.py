"""Samples during training, always from the same inputs."""

from __future__ import annotations

import shutil
from pathlib import Path

from gansuite.domain import Domain
from gansuite.precision import layer_precision
from gansuite.training.answers import Answers
from gansuite.training.averages import Averages


class Sketch:
    """Draws a domain's preview with the running averages of its networks.

    Args:
        domain: what to draw.
        averages: what to draw with.
        folder: `step-00000500/` and its like are made in it.
    """

    def __init__(self, domain: Domain, averages: Averages, folder: Path) -> None:
        self._domain = domain
        self._averages = averages
        self._folder = folder
        self._preview = domain.preview()
        with layer_precision("float32"):
            self._answers = Answers(domain, domain.networks())

    def draw(self, step: int) -> list[Path]:
        """Draw the preview; a folder appears with all its files or not at all."""
        final, draft = self._folder / f"step-{step:08d}", self._folder / f".drawing-{step:08d}"
        for old in (draft, final):
            shutil.rmtree(old, ignore_errors=True)
        draft.mkdir(parents=True)
        self._averages.copy_to(self._answers.networks)
        try:
            outputs = self._answers.call(self._preview.endpoint, self._preview.inputs)
            files = self._domain.render(outputs, draft, self._preview.names)
            draft.rename(final)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return [final / file.relative_to(draft) for file in files]
