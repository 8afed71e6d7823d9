"""TensorBoard: every loss term, and the pictures among the samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from gansuite.domain import Score
from gansuite.training.observers.observer import Observer, Report, Session


class TensorBoard(Observer):
    """Writes scalars and pictures under the run's tensorboard/.

    Args:
        pictures: how many pictures of a drawing to write.
    """

    def __init__(self, *, pictures: int = 4) -> None:
        self._pictures = pictures

    def start(self, session: Session) -> None:
        self._writer = tf.summary.create_file_writer(str(session.run.tensorboard))

    def report(self, report: Report) -> None:
        with self._writer.as_default(step=report.step):
            for name, value in report.terms.items():
                tf.summary.scalar(name, value)
            tf.summary.scalar("examples_per_second", report.examples_per_second)
            if report.memory is not None:
                tf.summary.scalar("memory", report.memory)
        self._writer.flush()

    def samples(self, step: int, files: Sequence[Path]) -> None:
        drawn = [file for file in files if file.suffix == ".png"][: self._pictures]
        with self._writer.as_default(step=step):
            for file in drawn:
                with Image.open(file) as picture:
                    pixels = np.asarray(picture.convert("RGB"))
                tf.summary.image(f"samples/{file.stem}", pixels[np.newaxis])
        self._writer.flush()

    def scores(self, step: int, scores: Sequence[Score]) -> None:
        with self._writer.as_default(step=step):
            for score in scores:
                tf.summary.scalar(f"scores/{score.name}", score.value)
        self._writer.flush()

    def end(self, outcome: str) -> None:
        self._writer.close()
