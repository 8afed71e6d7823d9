"""What the names of picture files say: their order, their split and their class."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gansuite.data.images.decoding import SUFFIXES, UNREAD

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
#: Folders of masks: they are drawn over pictures, and no pictures to learn from.
MASK_FOLDERS = ("ground_truth",)
HASH_SPACE = 1 << 32


def natural(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Return a key that sorts `2.png` before `10.png`, the same on every file system."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts), name


def is_picture(name: str) -> bool:
    """Tell whether a relative name with `/` is a picture's, also of a kind that is not read; hidden files and
    masks are not looked at.
    """
    *folders, _ = parts = name.split("/")
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    mask = any(folder.lower() in MASK_FOLDERS for folder in folders)
    return not hidden and not mask and name.lower().endswith(SUFFIXES + UNREAD)


def share_split(name: str, valid_share: float) -> Split:
    """Put a share of the names into `valid`, each by its own hash: adding files moves none of the others."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=4).digest()
    return "valid" if int.from_bytes(digest, "big") < valid_share * HASH_SPACE else "train"


@dataclass(frozen=True)
class Arrangement:
    """What a set of names says: the classes, and the split and label of each name where it has one."""

    classes: tuple[str, ...]
    splits: dict[str, Split | None]
    labels: dict[str, int | None]


def arrange(names: Sequence[str]) -> Arrangement:
    """Read splits and classes off folders: `[train|test/][class/]picture.png`, below any common folder.

    Folders are classes where every picture lies in one; those of a kind that is not read do not count.
    """
    paths = {name: tuple(name.split("/")) for name in names if not name.lower().endswith(UNREAD)}
    rest = _without_common_folder(paths)
    tops = {path[0].lower() for path in rest.values() if len(path) > 1}
    has_splits = (
        all(len(path) > 1 for path in rest.values())
        and tops <= SPLIT_FOLDERS.keys()
        and {SPLIT_FOLDERS[top] for top in tops} == {"train", "valid"}
    )
    splits: dict[str, Split | None] = dict.fromkeys(names)
    labels: dict[str, int | None] = dict.fromkeys(names)
    if has_splits:
        splits.update({name: SPLIT_FOLDERS[path[0].lower()] for name, path in rest.items()})
        rest = {name: path[1:] for name, path in rest.items()}
    if any(len(path) == 1 for path in rest.values()):
        return Arrangement((), splits, labels)
    classes = tuple(sorted({path[0] for path in rest.values()}, key=natural))
    number = {name: label for label, name in enumerate(classes)}
    labels.update({name: number[path[0]] for name, path in rest.items()})
    return Arrangement(classes, splits, labels)


def _without_common_folder(paths: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    while paths and min(map(len, paths.values())) > 1 and len({path[0] for path in paths.values()}) == 1:
        paths = {name: path[1:] for name, path in paths.items()}
    return paths
