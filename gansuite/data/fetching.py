"""Get a data set's files: from its sources over the network, or from where a person put them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gansuite.data.cards import Card, Source
from gansuite.data.download import DownloadError, download
from gansuite.data.home import data_home
from gansuite.data.placing import place
from gansuite.data.unpacking import is_archive, unpack
from gansuite.data.walking import walk
from gansuite.errors import DataError

MOST_FILES = 1_000_000
BLOCK = 1 << 20


def fetch(card: Card, source: Path | None) -> Path:
    """Fetch a card's files, check them, unpack what is to be unpacked; the loader of most cards.

    Args:
        card: the data set.
        source: take the files from here: a folder that holds them, or the one file. Where the card names no
            file to fetch, a folder or archive with the data itself.

    Returns:
        The card's folder.

    Raises:
        DataError: a file is missing, cannot be fetched or is not the one that was published; says what to
            fetch from where, and how to use it then.
    """
    if source is not None:
        with _reading(source):
            there = source.exists()
        if not there:
            raise DataError("there is nothing here", where=str(source))
        return place(card, lambda folder: _take(card, source, folder), again=True)
    folder = place(card, lambda folder: _download(card, folder))
    shutil.rmtree(_downloads(card), ignore_errors=True)  # what is left of them, now that all are in place
    return folder


def _download(card: Card, folder: Path) -> None:
    if not card.sources:
        raise DataError("cannot be fetched automatically", where=f"data set {card.name}", hint=by_hand(card))
    # What has come stays until all has: another file, or its unpacking, may fail.
    _downloads(card).mkdir(parents=True, exist_ok=True)
    kept = {source: _downloads(card) / source.name for source in card.sources}
    for source, file in kept.items():
        try:
            download(source, file)
        except DownloadError as error:
            raise DataError(str(error), where=source.url, hint=by_hand(card)) from error
    for source, file in sorted(kept.items(), key=lambda item: not item[0].unpack):
        _put(source, file, folder, move=True)


def _downloads(card: Card) -> Path:
    return data_home() / "downloads" / card.name


def _take(card: Card, given: Path, folder: Path) -> None:
    if not card.sources:
        _take_all(given, folder)
        return
    for source in card.sources:
        file = given / source.name if given.is_dir() else given
        with _reading(file):
            there = file.is_file()
        if not there:
            raise DataError(f"{source.name} is not here", where=str(given), hint=by_hand(card))
        check(source, file, card)
        _put(source, file, folder, move=False)


def _take_all(given: Path, folder: Path) -> None:
    if is_archive(given):
        unpack(given, folder)
        return
    files = [given] if given.is_file() else _files(given)
    if not files or len(files) > MOST_FILES:
        raise DataError(f"holds {len(files)} files: that is not a data set", where=str(given))
    for file in files:
        target = folder / (file.name if given.is_file() else file.relative_to(given))
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(file, target)


def _files(folder: Path) -> list[Path]:
    found = sorted(Path(place, name) for place, _, names in walk(folder) for name in names)
    with _reading(folder):
        return [file for file in found if file.is_file()]


def _put(source: Source, file: Path, folder: Path, *, move: bool) -> None:
    if source.unpack:
        unpack(file, folder)
    elif move:
        file.rename(folder / source.name)
    else:
        _copy(file, folder / source.name)


def _copy(file: Path, target: Path) -> None:
    with _reading(file):
        opened = file.open("rb")
    with opened, target.open("wb") as out:
        while block := _block(opened, file):
            out.write(block)


def _block(opened: IO[bytes], file: Path) -> bytes:
    with _reading(file):
        return opened.read(BLOCK)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Name what cannot be read: to `place`, any other error of files is one of its folder."""
    try:
        yield
    except OSError as error:
        hint = "Give access to it, or take the files from elsewhere."
        raise DataError(f"cannot be read ({error.strerror or error})", where=str(path), hint=hint) from error


def check(source: Source, file: Path, card: Card) -> None:
    """Compare a file with what was published.

    Raises:
        DataError: its size or checksum is another, or it cannot be read.
    """
    kind, expected = source.checksum
    with _reading(file):
        size = file.stat().st_size
    if size != source.size:
        raise DataError(f"has {size} bytes, not {source.size}", where=str(file), hint=by_hand(card))
    with _reading(file), file.open("rb") as opened:
        found = hashlib.file_digest(opened, kind).hexdigest()
    if found != expected:
        raise DataError(f"has {kind} {found}, not {expected}", where=str(file), hint=by_hand(card))


def by_hand(card: Card) -> str:
    """Say how to get a card's data without our help."""
    if not card.sources:
        return (
            f"Get it from {card.homepage}, then: gansuite datasets prepare {card.name} --from FOLDER\n"
            f"  FOLDER should hold {card.layout}."
        )
    lines = [f"    {one.url}  {one.checksum[0]} {one.checksum[1]}" for one in card.sources]
    return "\n".join(
        [
            "To do without the network here, fetch elsewhere:",
            *lines,
            f"  then: gansuite datasets prepare {card.name} --from FOLDER-WITH-THESE-FILES",
        ]
    )
