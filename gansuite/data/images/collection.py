"""What a reader of pictures gives, whatever it reads them from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gansuite.data.images.form import Form
from gansuite.data.images.names import Split


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture, or why there is none.

    Args:
        name: stays the same when other pictures come or go; decides the split where the data has none.
        pixels: uint8 (size, size, channels); None for a file that cannot be used.
        reason: why it cannot.
        split: the data's own, where it has one.
        label: index into the collection's classes, where there are any.
    """

    name: str
    pixels: np.ndarray | None = None
    reason: str | None = None
    split: Split | None = None
    label: int | None = None


@dataclass(frozen=True, kw_only=True)
class Collection:
    """The pictures at a path.

    Args:
        kind: what was found, in a few words.
        total: how many pictures there are, usable or not.
        labelled: whether every picture has a label.
        classes: names of the labels, where they have names.
        read: reads and fits them one by one, in an order of its own that never changes.
    """

    kind: str
    total: int
    labelled: bool
    read: Callable[[Form], Iterator[Picture]]
    classes: tuple[str, ...] = ()


#: Returns the pictures at a path, or None where it is nothing for this reader.
Reader = Callable[[Path], Collection | None]
