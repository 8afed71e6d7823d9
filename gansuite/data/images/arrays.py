"""Pictures that lie in arrays, already decoded: what IDX, CIFAR and npz have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gansuite.data.images.collection import Collection, Picture
from gansuite.data.images.form import Form
from gansuite.data.images.names import Split
from gansuite.errors import DataError

#: No array of pictures may be larger than this once unpacked.
MOST_BYTES = 8 << 30


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some pictures of a collection, loaded when they are wanted.

    Args:
        split: the split they belong to, where the data has splits.
        load: pictures, uint8 (n, h, w) or (n, h, w, c), and labels (n,) or None.
    """

    split: Split | None
    load: Callable[[], tuple[np.ndarray, np.ndarray | None]]


def collection(
    kind: str, total: int, parts: Sequence[Part], *, labelled: bool, classes: tuple[str, ...] = ()
) -> Collection:
    """Make a collection of parts; a picture is named after its number."""

    def read(form: Form) -> Iterator[Picture]:
        number = 0
        for part in parts:
            pictures, labels = part.load()
            for row, pixels in enumerate(pictures):
                yield Picture(
                    name=str(number),
                    pixels=form.apply_to_pixels(pixels),
                    split=part.split,
                    label=None if labels is None else int(labels[row]),
                )
                number += 1

    return Collection(kind=kind, total=total, labelled=labelled, classes=classes, read=read)


def check_labels(path: Path, pictures: int, labels: int) -> None:
    """Refuse labels that do not belong to the pictures.

    Raises:
        DataError: there are more of the one than of the other.
    """
    if pictures != labels:
        raise DataError(f"has {labels} labels for {pictures} pictures", where=str(path))
