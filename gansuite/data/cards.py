"""What data sets are known by name: a TOML card for each says what it is and how to get it.

Cards are read, never run; listing them imports nothing heavy.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import gansuite
from gansuite import modules
from gansuite.contributions import DATASETS, contributed, owner
from gansuite.data.home import data_home
from gansuite.errors import DataError, GansuiteError, PluginError
from gansuite.nearest import nearest, suggestion
from gansuite.plugin import import_module


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file to fetch.

    Args:
        url: where from.
        size: in bytes.
        sha256, md5: its checksum; whichever is published, sha256 where both are.
        unpack: whether it is an archive whose files are wanted.
    """

    url: str
    size: int
    sha256: str = ""
    md5: str = ""
    unpack: bool = False

    @property
    def name(self) -> str:
        """What the file is called; not what is asked of the address after a `?`."""
        return urlsplit(self.url).path.rstrip("/").rpartition("/")[2]

    @property
    def checksum(self) -> tuple[str, str]:
        """The algorithm and the digest in hexadecimal."""
        return ("sha256", self.sha256) if self.sha256 else ("md5", self.md5)


@dataclass(frozen=True, kw_only=True)
class Card:
    """A data set.

    Args:
        name: what `--data` takes.
        title, summary, licence, citation, homepage: for people.
        holds: what kind of data it is, in words: only plugins that read this kind, or any, learn from it.
        layout: what lies in its folder once it is there.
        loader: `module:function` that makes it, called with the card and `--from`'s path or None; returns the
            folder or file that readers understand.
        sources: what that loader fetches.
        settings: by plugin, nested settings above the plugin's defaults when this is its data.
    """

    name: str
    title: str
    summary: str
    holds: str
    licence: str
    citation: str = ""
    homepage: str = ""
    layout: str
    loader: str
    sources: tuple[Source, ...] = ()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where it lies, or will."""
        return data_home() / "datasets" / self.name


def cards_folder() -> Path:
    """The folder of gansuite's own cards: inside the package once installed, beside it in the source tree."""
    package = Path(gansuite.__file__).parent
    installed = package / "_cards"
    return installed if installed.is_dir() else package.parent / "datasets"


@cache
def cards() -> Mapping[str, Card]:
    """Every known card by its name, sorted; gansuite's own come before others of their name.

    Raises:
        DataError: one of gansuite's own cannot be read.
    """
    found = [*_contributed(), *(read_card(file) for file in cards_folder().glob("*.toml"))]
    return MappingProxyType({card.name: card for card in sorted(found, key=lambda card: card.name)})


def _contributed() -> Iterator[Card]:
    """The cards that installed distributions bring along; one that is broken breaks only itself."""
    for name in contributed(DATASETS):
        with suppress(GansuiteError):
            yield _contributed_card(name)


def _contributed_card(name: str) -> Card:
    one = owner(DATASETS, name, "data set")
    package, _, stem = one.target.partition(":")
    where = f"data set {name} (from {one.distribution})"
    try:
        found = _place(package)
    except modules.UnreadableError as error:
        raise DataError(str(error), where=where) from error
    if found is None or not stem.isidentifier():
        raise DataError(f"{one.target} is not package:file", where=where)
    file = (found if found.is_dir() else found.parent) / f"{stem}.toml"
    card = read_card(file)
    if card.name != name:
        raise DataError(f"is registered as {name} but calls itself {card.name}", where=str(file))
    return card


def _place(package: str) -> Path | None:
    """Where a package is, whose code nobody has to read for a card."""
    try:
        return modules.find(package)
    except modules.CompiledError as error:
        return error.path


def card(name: str) -> Card:
    """Return the card of a name.

    Raises:
        DataError: there is none; names the nearest. Or an installed distribution's cannot be read.
    """
    if name not in cards():
        if name in contributed(DATASETS):
            return _contributed_card(name)
        raise DataError(f"there is no data set {name!r}", hint=suggestion(name, cards()))
    return cards()[name]


def read_card(file: Path) -> Card:
    """Read a card.

    Raises:
        DataError: it is not TOML, or has missing or unknown keys, or values of another type, or sources that
            cannot lie beside each other.
    """
    try:
        values = tomllib.loads(file.read_text("utf-8"))
        _check_keys(values, Card, file)
        sources = values.pop("sources", [])
        for source in sources:
            _check_keys(source, Source, file)
        card = Card(**values, sources=tuple(Source(**source) for source in sources))
        _check_types(card, file)
        return card
    except (OSError, ValueError, TypeError) as error:  # the second: not UTF-8, TOML or an address
        raise DataError(f"is not a card of a data set ({error})", where=str(file)) from error


def _check_types(card: Card, file: Path) -> None:
    described = [card, *card.sources]
    texts = {one.name for kind in (Card, Source) for one in fields(kind) if one.type == "str"}
    for one in described:
        for key, value in vars(one).items():
            if key in texts and not isinstance(value, str):
                raise DataError(f"{key} is not text", where=str(file))
    if not all(type(source.size) is int and source.size >= 0 for source in card.sources):
        raise DataError("the size of a source is not a number of bytes", where=str(file))
    _check_names([source.name for source in card.sources], file)
    tables = [card.settings, *(card.settings.values() if isinstance(card.settings, Mapping) else ())]
    if not all(isinstance(table, Mapping) for table in tables):
        raise DataError("settings are not tables, one for each plugin", where=str(file))


def _check_names(names: Sequence[str], file: Path) -> None:
    for name in names:
        if name in ("", ".", "..") or names.count(name) > 1:
            what = f"{name!r}, what the address of a source ends in, is no name for one file"
            raise DataError(what, where=str(file))


def _check_keys(values: Mapping[str, Any], kind: type, file: Path) -> None:
    known = {one.name for one in fields(kind)}
    for key in values:
        if key not in known:
            raise DataError(f"has an unknown key {key!r}", where=str(file), hint=suggestion(key, known))


def loader(card: Card, source: Path | None = None) -> Path:
    """Make, or fetch and unpack, a card's data, unless it is there; returns where it is.

    Args:
        card: the data set.
        source: take what would be fetched from this file or folder.

    Raises:
        PluginError: its loader is not there.
        DataError: it cannot be made or fetched; says what to do by hand.
    """
    return loader_of(card)(card, source)


def loader_of(card: Card) -> Callable[[Card, Path | None], Path]:
    """Import what makes, or fetches and unpacks, a card's data.

    Raises:
        PluginError: importing it failed, or there is no such function.
    """
    called = f"data set {card.name}"
    module, _, function = card.loader.partition(":")
    found = getattr(import_module(module, called), function, None)
    if not callable(found):
        raise PluginError(f"its loader is {card.loader}, and there is no such function", where=called)
    make: Callable[[Card, Path | None], Path] = found
    return make


def locate(source: str) -> Path:
    """Return where data is: a card's, made or fetched on first use, or any path.

    A card's name comes before a path of the same name; `./name` is a path always.

    Raises:
        PluginError: what makes a card's data is not there.
        DataError: it is neither a card's name nor an existing path; names the nearest card. Or it is empty or
            out of reach.
    """
    if source in cards() or source in contributed(DATASETS):
        return loader(card(source))
    if not source:
        raise DataError("is empty", where="data.source", hint="Name a data set or a path.")
    try:
        path = Path(source).expanduser()
        if path.exists():
            _look_into(path)
            return path
    except (OSError, RuntimeError) as error:  # the second: nobody has that home
        what = f"cannot be reached: {getattr(error, 'strerror', None) or error}"
        raise DataError(what, where=source, hint="Give access to it, or name other data.") from error
    close = nearest(source, cards())
    meant = f"Did you mean {close}? " if close else ""
    raise DataError(
        "is neither an existing path nor the name of a data set",
        where=source,
        hint=f"{meant}gansuite datasets list shows every name.",
    )


def _look_into(path: Path) -> None:
    """Read as much of a folder as tells whether it may be read: its first entry."""
    if path.is_dir():
        with os.scandir(path) as entries:
            any(entry.stat(follow_symlinks=False) for entry in entries)
