"""What the names of picture files say: their order, their split and their class."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from gansuite.data.images.decoding import NOT_READ, SUFFIXES, UNREAD

Split = Literal["train", "valid"]

SPLIT_FOLDERS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "val": "valid",
    "valid": "valid",
    "validation": "valid",
    "test": "valid",
    "testing": "valid",
}
#: What MVTec AD calls the folder of masks that lies beside train and test.
MASK_FOLDER = "ground_truth"
STRAY = "lies in no folder that says whether it is learned from"
HASH_SPACE = 1 << 32

#: The folders a picture lies in, and what it is called.
_Path = tuple[str, ...]


def natural(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Return a key that sorts `2.png` before `10.png`, the same on every file system."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts), name


def is_picture(name: str) -> bool:
    """Tell whether a relative name with `/` is a picture's, also of a kind that is not read; hidden files are
    not looked at.
    """
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
    return not hidden and name.lower().endswith(SUFFIXES + UNREAD)


def is_mask(name: str) -> bool:
    """Tell whether a picture lies in a folder that is called as MVTec AD calls that of its masks."""
    return any(folder.lower() == MASK_FOLDER for folder in name.split("/")[:-1])


def without_masks(names: Iterable[str]) -> list[str]:
    """Leave out the masks of MVTec AD: they are drawn over pictures, and no pictures to learn from.

    They lie in a folder beside both train and test. Elsewhere a folder called so is one like any other.
    """
    paths = [tuple(name.split("/")) for name in names]
    homes = set(_homes_of_splits(paths))

    def is_left_out(path: _Path) -> bool:
        folders = enumerate(path[:-1])
        return any(folder.lower() == MASK_FOLDER and path[:depth] in homes for depth, folder in folders)

    return ["/".join(path) for path in paths if not is_left_out(path)]


def share_split(name: str, valid_share: float) -> Split:
    """Put a share of the names into `valid`, each by its own hash: adding files moves none of the others."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=4).digest()
    return "valid" if int.from_bytes(digest, "big") < valid_share * HASH_SPACE else "train"


@dataclass(frozen=True)
class Arrangement:
    """What a set of names says.

    Args:
        classes: names of the labels; none where folders are no classes.
        splits, labels: of each name, where it has one.
        skipped: names that are not to be read, and why. Every other name has a label where there are classes.
    """

    classes: tuple[str, ...]
    splits: dict[str, Split | None]
    labels: dict[str, int | None]
    skipped: dict[str, str]


def arrange(names: Sequence[str]) -> Arrangement:
    """Read splits and classes off folders: `[train|test/][class/]picture.png`, below any common folder.

    Folders are classes where every picture lies in one; those of a kind that is not read do not count. Where
    there are both train and test, whatever lies in neither is skipped.
    """
    skipped = {name: NOT_READ for name in names if name.lower().endswith(UNREAD)}
    rest: dict[str, _Path] = {name: tuple(name.split("/")) for name in names if name not in skipped}
    splits: dict[str, Split | None] = dict.fromkeys(names)
    labels: dict[str, int | None] = dict.fromkeys(names)
    home = _home_of_splits(rest.values())
    if home is None:
        rest = _without_common_folder(rest)
    else:
        told = {name: _split_below(home, path) for name, path in rest.items()}
        skipped |= {name: STRAY for name, split in told.items() if split is None}
        splits |= told
        rest = {name: path[len(home) + 1 :] for name, path in rest.items() if name not in skipped}
    if any(len(path) == 1 for path in rest.values()):
        return Arrangement((), splits, labels, skipped)
    classes = tuple(sorted({path[0] for path in rest.values()}, key=natural))
    number = {name: label for label, name in enumerate(classes)}
    labels.update({name: number[path[0]] for name, path in rest.items()})
    return Arrangement(classes, splits, labels, skipped)


def _home_of_splits(paths: Iterable[_Path]) -> _Path | None:
    """Return the uppermost folder that holds both train and test; None where there is none, or several."""
    homes = _homes_of_splits(paths)
    least = min(map(len, homes), default=0)
    uppermost = [home for home in homes if len(home) == least]
    return uppermost[0] if len(uppermost) == 1 else None


def _homes_of_splits(paths: Iterable[_Path]) -> list[_Path]:
    held: defaultdict[_Path, set[Split]] = defaultdict(set)
    for path in paths:
        for depth, folder in enumerate(path[:-1]):
            if folder.lower() in SPLIT_FOLDERS:
                held[path[:depth]].add(SPLIT_FOLDERS[folder.lower()])
    return [home for home, splits in held.items() if len(splits) > 1]


def _split_below(home: _Path, path: _Path) -> Split | None:
    below = path[len(home) :]
    return SPLIT_FOLDERS.get(below[0].lower()) if path[: len(home)] == home and len(below) > 1 else None


def _without_common_folder(paths: dict[str, _Path]) -> dict[str, _Path]:
    while paths and min(map(len, paths.values())) > 1 and len({path[0] for path in paths.values()}) == 1:
        paths = {name: path[1:] for name, path in paths.items()}
    return paths
