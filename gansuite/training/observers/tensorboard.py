"""TensorBoard: every loss term, and the pictures among the samples."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from gansuite.domain import Score
from gansuite.training.observers.observer import Observer, Report, Session

#: Bytes of a TFRecord beside its content: the length, and checksums of both.
FRAME = 8 + 4 + 4


class TensorBoard(Observer):
    """Writes scalars and pictures under the run's tensorboard/.

    A run that resumes first loses what is beyond its checkpoint, so that no step is there twice.

    Args:
        pictures: how many pictures of a drawing to write.
    """

    def __init__(self, *, pictures: int = 4) -> None:
        self._pictures = pictures

    def start(self, session: Session) -> None:
        folder = session.run.tensorboard
        for file in sorted(folder.glob("events.*")):
            # What is drawn and measured before the first step is there again.
            _forget_after(file, session.step or -1)
        self._writer = tf.summary.create_file_writer(str(folder))

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


def _forget_after(file: Path, step: int) -> None:
    """Cut off the events beyond a step, and the part of one that a killed process may have left."""
    end = 0
    with contextlib.suppress(tf.errors.DataLossError):
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            if event.step > step and not event.HasField("file_version"):
                break
            end += len(record) + FRAME
    if end < file.stat().st_size:
        os.truncate(file, end)
