"""The two photographs that scikit-learn carries."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from gansuite.data.cards import Card
from gansuite.data.placing import place
from gansuite.errors import DataError

#: Part of each photograph's width, from the left, that is there to learn from; the rest is held out.
LEARNED = 0.75


def write_photographs(card: Card, source: Path | None) -> Path:
    """Write both as PNG files, their left parts in `train`, the rest in `valid`; the loader of `photographs`.

    Raises:
        DataError: a source is given: there is nothing to fetch.
    """
    if source is not None:
        raise DataError(
            "is made from scikit-learn's own copy: --from has no use here", where=f"data set {card.name}"
        )
    return place(card, _write)


def _write(folder: Path) -> None:
    from sklearn.datasets import load_sample_images  # slow to import

    photographs = load_sample_images()
    for name in ("train", "valid"):
        (folder / name).mkdir()
    for pixels, file in zip(photographs.images, photographs.filenames, strict=True):
        name = f"{Path(file).stem}.png"
        border = int(pixels.shape[1] * LEARNED)
        Image.fromarray(pixels[:, :border]).save(folder / "train" / name)
        Image.fromarray(pixels[:, border:]).save(folder / "valid" / name)
