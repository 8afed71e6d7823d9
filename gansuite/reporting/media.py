"""Samples on the page: pictures, sounds and MIDI as data URIs, within a budget."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from gansuite.reporting.markup import Element, element

PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
SOUNDS = {".wav": "audio/wav", ".ogg": "audio/ogg", ".mp3": "audio/mpeg"}
SCORES = {".mid": "audio/midi", ".midi": "audio/midi"}
SHEETS = ("grid", "overview")  # pictures called so show all others together
SMALL = 256  # a picture narrower than this is enlarged with its pixels kept sharp


@dataclass(kw_only=True)
class Budget:
    """Bytes of media the page may still take; what did not fit or could not be read is remembered."""

    left: int
    left_out: list[str] = field(default_factory=list)

    def uri(self, file: Path, kind: str) -> str | None:
        """Return a file as a data URI, or None if it is too large for what is left or cannot be read."""
        try:
            if file.stat().st_size * 4 / 3 + 4 > self.left:
                self.leave_out(file, "too large")
                return None
            content = base64.b64encode(file.read_bytes()).decode("ascii")
        except OSError as error:
            self.leave_out(file, error.strerror or str(error))
            return None
        self.left -= len(content)
        return f"data:{kind};base64,{content}"

    def leave_out(self, file: Path, reason: str) -> None:
        """Remember a file that is not on the page."""
        self.left_out.append(f"{file.parent.name}/{file.name} ({reason})")

    def picture(self, file: Path) -> Element | None:
        """Return an <img>, or None as `uri` does, or if the file is no picture."""
        try:
            with Image.open(file) as opened:
                width, height = opened.size
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            self.leave_out(file, f"no picture: {type(error).__name__}")
            return None
        uri = self.uri(file, PICTURES[file.suffix.lower()])
        if uri is None:
            return None
        look = "sharp" if width < SMALL else "plain"
        return element("img", src=uri, alt=file.stem, width=width, height=height, class_=look)


def sample_folders(samples: Path) -> list[tuple[int, Path]]:
    """Find samples/step-N folders that hold something: (step, folder), the newest last."""
    found = []
    for folder in samples.glob("step-*"):
        digits = folder.name.removeprefix("step-")
        if digits.isdecimal() and folder.is_dir() and any(folder.iterdir()):
            found.append((int(digits), folder))
    return sorted(found)


def latest_samples(folder: Path, budget: Budget) -> Element:
    """Show everything in a sample folder: a card for each name, with its picture, sound and MIDI.

    Names with a picture alone become small tiles, folded away where something larger is there; so is a sheet
    of all pictures where each has a card with its sound.
    """
    by_stem: dict[str, list[Path]] = {}
    for file in sorted(folder.iterdir(), key=natural):
        by_stem.setdefault(file.stem, []).append(file)
    cards = [card for stem, files in by_stem.items() if (card := _card(stem, files, budget)) is not None]
    ones, wide, tiles = (
        [card for card in cards if card.get("class") == f"sample {size}"] for size in ("one", "wide", "tile")
    )
    return element(
        "div",
        _shown(ones, "samples"),
        _shown(wide, "samples", folded="all on one picture" if ones else None),
        _shown(tiles, "samples tiles", folded=f"{len(tiles)} one by one" if ones or wide else None),
    )


def _shown(cards: Sequence[Element], kind: str, *, folded: str | None = None) -> Element | None:
    if not cards:
        return None
    shown = element("div", *cards, class_=kind)
    return element("details", element("summary", folded), shown) if folded else shown


def earlier_samples(folders: Sequence[tuple[int, Path]], budget: Budget) -> Element | None:
    """Show one picture of each folder in a row, so that progress can be seen."""
    figures = []
    for step, folder in folders:
        picture = overview(folder)
        image = budget.picture(picture) if picture else None
        if image is not None:
            figures.append(element("figure", image, element("figcaption", f"step {step:,}")))
    return element("div", *figures, class_="strip") if figures else None


def overview(folder: Path) -> Path | None:
    """Choose the picture that shows most while small: one named a grid, else the first."""
    pictures = sorted((file for file in folder.iterdir() if file.suffix.lower() in PICTURES), key=natural)
    grids = [file for file in pictures if "grid" in file.stem]
    return next(iter(grids + pictures), None)


def _is_sheet(stem: str) -> bool:
    return any(name in stem for name in SHEETS)


def spread(folders: Sequence[tuple[int, Path]], count: int) -> list[tuple[int, Path]]:
    """Choose about `count` folders, evenly, the first and the last among them."""
    if len(folders) <= count:
        return list(folders)
    return [folders[round(index * (len(folders) - 1) / (count - 1))] for index in range(count)]


def natural(file: Path) -> tuple[int, str]:
    """Order seed-2 before seed-10."""
    return len(file.stem), file.name


def _card(stem: str, files: Sequence[Path], budget: Budget) -> Element | None:
    parts = [part for file in files if (part := _medium(file, budget)) is not None]
    order = {"img": 0, "audio": 1, "a": 2}
    parts.sort(key=lambda part: order[part.tag])
    if not parts:
        return None
    return element("figure", *parts, element("figcaption", stem), class_=f"sample {_size(stem, parts)}")


def _size(stem: str, parts: Sequence[Element]) -> str:
    if any(part.tag != "img" for part in parts):
        return "one"
    return "wide" if _is_sheet(stem) else "tile"


def _medium(file: Path, budget: Budget) -> Element | None:
    suffix = file.suffix.lower()
    if suffix in PICTURES:
        return budget.picture(file)
    if suffix in SOUNDS and (uri := budget.uri(file, SOUNDS[suffix])):
        return element("audio", src=uri, controls="", preload="metadata", title=file.name)
    if suffix in SCORES and (uri := budget.uri(file, SCORES[suffix])):
        return element("a", f"MIDI: {file.name}", href=uri, download=file.name)
    return None
