"""What the names of picture files say about the two sides of a translation, A and B.

Three ways to lay data out are understood, each with or without `train` and `val` (or `test`):

- pictures that hold a pair: A in the left half, B in the right one;
- folders `A` and `B`, above or below `train` and `val`, with pictures of the same names;
- folders `trainA`, `trainB`, `testA`, `testB`; names may end in `_A` and `_B`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gansuite.data.images.names import SPLIT_FOLDERS, Split, natural, share_split

Side = Literal["A", "B"]
SIDES: tuple[Side, Side] = ("A", "B")
_BOTH = re.compile(rf"({'|'.join(SPLIT_FOLDERS)})[-_ ]?([ab])")


@dataclass(frozen=True, kw_only=True)
class Named:
    """What one name says.

    Args:
        name: relative, with `/`.
        side: the folder it lies in, where it lies in one.
        split: likewise.
        stem: the rest, without suffix: what partners have in common.
    """

    name: str
    side: Side | None
    split: Split | None
    stem: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which files are read for what.

    Args:
        halves: pictures hold both sides.
        train, valid: the files of A and those of B; the same ones where pictures hold both. In pairs, those
            at one position belong together.
        skipped: (name, reason) of files that are of no use.
    """

    halves: bool
    train: tuple[Sequence[str], Sequence[str]]
    valid: tuple[Sequence[str], Sequence[str]]
    skipped: list[tuple[str, str]] = field(default_factory=list)


def read_name(name: str) -> Named:
    """Take a name apart."""
    side: Side | None = None
    split: Split | None = None
    rest = []
    *folders, last = name.split("/")
    for folder in folders:
        lower = folder.lower()
        both = _BOTH.fullmatch(lower)
        if both is not None:
            split, side = SPLIT_FOLDERS[both[1]], _side(both[2])
        elif lower in SPLIT_FOLDERS and split is None:
            split = SPLIT_FOLDERS[lower]
        elif lower in ("a", "b") and side is None:
            side = _side(lower)
        else:
            rest.append(folder)
    stem = last.rpartition(".")[0]
    if side is not None:
        stem = stem.removesuffix(f"_{side}")
    return Named(name=name, side=side, split=split, stem="/".join([*rest, stem]))


def plan(names: Iterable[str], *, paired: bool, valid_share: float) -> Plan:
    """Decide which files are read for what.

    Args:
        names: of pictures, relative, with `/`.
        paired: every example is a pair; without, each side is a collection of its own.
        valid_share: the share held out by a hash of each stem, where the names say nothing of splits.
    """
    found = [read_name(name) for name in sorted(names, key=natural)]
    told = {one.split for one in found} >= {"train", "valid"}
    splitting = _Splitting(told=told, valid_share=valid_share)
    stray = [one for one in found if told and one.split is None]
    skipped = [(one.name, "lies in no folder that says whether it is learned from") for one in stray]
    found = [one for one in found if not told or one.split is not None]
    sided = {one.side for one in found} >= set(SIDES)
    if not sided:
        files = splitting.of(found)
        return Plan(halves=True, train=(files["train"],) * 2, valid=(files["valid"],) * 2, skipped=skipped)
    skipped += [(one.name, "lies neither in A nor in B") for one in found if one.side is None]
    kept = [one for one in found if one.side is not None]
    by_side = {side: _by_key([one for one in kept if one.side == side], skipped) for side in SIDES}
    if paired:
        _leave_out_lonely(by_side, skipped)
    files_of = {side: splitting.of(by_side[side].values()) for side in SIDES}
    return Plan(
        halves=False,
        train=(files_of["A"]["train"], files_of["B"]["train"]),
        valid=(files_of["A"]["valid"], files_of["B"]["valid"]),
        skipped=skipped,
    )


@dataclass(frozen=True, kw_only=True)
class _Splitting:
    told: bool
    valid_share: float

    def of(self, found: Iterable[Named]) -> dict[Split, list[str]]:
        parts: dict[Split, list[str]] = {"train": [], "valid": []}
        for one in found:
            parts[self._split(one)].append(one.name)
        return parts

    def _split(self, one: Named) -> Split:
        if self.told and one.split is not None:
            return one.split
        return share_split(one.stem, self.valid_share)


Key = tuple[Split | None, str]


def _by_key(found: Sequence[Named], skipped: list[tuple[str, str]]) -> dict[Key, Named]:
    kept: dict[Key, Named] = {}
    for one in found:
        first = kept.setdefault((one.split, one.stem), one)
        if first is not one:
            skipped.append((one.name, f"has the same name as {first.name}"))
    return kept


def _leave_out_lonely(by_side: dict[Side, dict[Key, Named]], skipped: list[tuple[str, str]]) -> None:
    both = by_side["A"].keys() & by_side["B"].keys()
    for side, other in zip(SIDES, reversed(SIDES), strict=True):
        skipped += [
            (one.name, f"has no partner in {other}") for key, one in by_side[side].items() if key not in both
        ]
        by_side[side] = {key: by_side[side][key] for key in sorted(both, key=_order)}


def _order(key: Key) -> tuple[str, object]:
    return key[0] or "", natural(key[1])


def _side(letter: str) -> Side:
    return "A" if letter == "a" else "B"
