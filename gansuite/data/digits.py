"""The handwritten digits that scikit-learn carries, as pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gansuite.data.cards import Card
from gansuite.data.placing import place
from gansuite.errors import DataError

BRIGHTEST = 16


def write_digits(card: Card, source: Path | None) -> Path:
    """Write `digits.npz` with `images`, uint8 (1797, 8, 8), and `labels`; the loader of the card `digits`.

    Raises:
        DataError: a source is given: there is nothing to fetch.
    """
    if source is not None:
        raise DataError(
            "is made from scikit-learn's own copy: --from has no use here", where=f"data set {card.name}"
        )
    return place(card, _write) / "digits.npz"


def _write(folder: Path) -> None:
    from sklearn.datasets import load_digits  # slow to import

    digits = load_digits()
    images = (digits.images * (255 / BRIGHTEST)).round().astype(np.uint8)
    np.savez_compressed(folder / "digits.npz", images=images, labels=digits.target.astype(np.uint8))
