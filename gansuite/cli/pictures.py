"""Pictures given to a verb: each read, answered and written on its own, whatever the others are like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from gansuite.cli.screen import note
from gansuite.data.images.decoding import read_fitted, read_whole
from gansuite.data.images.form import Form
from gansuite.data.images.names import is_mask, is_picture, natural, without_masks
from gansuite.data.progress import progress
from gansuite.data.walking import walk
from gansuite.data.workers import Unusable
from gansuite.errors import DataError, GansuiteError, UsageError
from gansuite.files import write_atomically

NAMED = 20


@dataclass(frozen=True, kw_only=True)
class Given:
    """A picture file given to a verb.

    Args:
        path: where it lies.
        name: its relative path without suffix, unless another has the same: what is made of it is named so.
    """

    path: Path
    name: str


@dataclass(kw_only=True)
class Pictures:
    """The pictures of a command line.

    Attributes:
        given: what there is.
        output: the folder that what is made of them goes to.
        unusable: those that could not be used so far, each with its reason.
    """

    given: Sequence[Given]
    output: Path
    unusable: list[tuple[Path, str]] = field(default_factory=list)

    @classmethod
    def find(cls, paths: Sequence[Path], output: Path, *, masks: bool = True) -> Pictures:
        """Find the pictures in files and folders; what was made before, in a folder within them, is none.

        Args:
            paths: files and folders.
            output: the folder that what is made of them goes to.
            masks: whether pictures in folders called `ground_truth` are some; those beside train and test,
                where MVTec AD has its masks, never are.

        Raises:
            UsageError: a path is missing or the output itself, there are no pictures, or two would be written
                to one name.
            DataError: a folder cannot be read.
        """
        given = _told_apart([one for path in paths for one in _find(path, output, masks)])
        if not given:
            raise UsageError("no pictures found here", where=", ".join(map(str, paths)))
        by_name: dict[str, Given] = {}
        for one in given:
            other = by_name.setdefault(one.name, one)
            if other is not one:
                what = f"{other.path} and {one.path} would both be written to {one.name}"
                raise UsageError(what, hint="Give them in two calls, with two folders for -o.")
        return cls(given=given, output=output)

    def refuse_overwriting(self, files: Callable[[Given], Sequence[Path]]) -> None:
        """Make sure that no input is written over.

        Args:
            files: what would be written for a picture, relative to the output.

        Raises:
            UsageError: it would be.
        """
        inputs = {one.path.resolve() for one in self.given}
        for one in self.given:
            for file in files(one):
                if (self.output / file).resolve() in inputs:
                    what = "would be overwritten by what is made of it"
                    raise UsageError(what, where=str(self.output / file), hint="Name another folder with -o.")

    def leave_out_made(self, files: Callable[[Given], Sequence[Path]]) -> None:
        """Give only those of which something is missing in the output, and say how many others there are.

        Args:
            files: what is written for a picture, relative to the output.
        """
        missing = [
            one for one in self.given if not all((self.output / file).is_file() for file in files(one))
        ]
        note(f"{len(self.given) - len(missing)} of {len(self.given)} are in {self.output} already")
        self.given = missing

    def read(self, channels: int, what: str) -> Iterator[tuple[Given, np.ndarray]]:
        """Read one picture after the other, following the work: pixels uint8 (height, width, channels).

        Pictures that cannot be used are left out, and kept in `unusable`.
        """
        return self._read(what, lambda path: read_whole(path, channels))

    def fitted(self, form: Form, what: str) -> Iterator[tuple[Given, np.ndarray]]:
        """As `read`, in the form that was learned from: pixels uint8 (size, size, channels)."""
        return self._read(what, lambda path: read_fitted(path, form))

    def _read(self, what: str, read: Callable[[Path], np.ndarray]) -> Iterator[tuple[Given, np.ndarray]]:
        for one in progress(self.given, what):
            try:
                pixels = read(one.path)
            except Unusable as why:
                self.unusable.append((one.path, str(why)))
                continue
            yield one, pixels

    def write(self, file: Path, content: bytes) -> Path:
        """Write a file, relative to the output, whole or not at all.

        Raises:
            GansuiteError: it cannot be written.
        """
        path = self.output / file
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content)
        except OSError as error:
            what = f"cannot be written: {error.strerror or error}"
            raise GansuiteError(what, where=str(path), hint="What was written before is whole.") from error
        return path

    def finish(self) -> None:
        """Say which pictures were left out.

        Raises:
            DataError: there were some.
        """
        if self.unusable:
            lines = [f"  {path} {reason}" for path, reason in self.unusable[:NAMED]]
            if len(self.unusable) > NAMED:
                lines.append(f"  and {len(self.unusable) - NAMED} more")
            counts = f"{len(self.unusable)} of {len(self.given)}"
            listed = "\n".join(lines)
            raise DataError(f"{counts} pictures could not be used; the others are done:\n{listed}")


def _told_apart(given: Sequence[Given]) -> list[Given]:
    """Leave their suffix to those that would be called the same without it."""
    counts = Counter(one.name for one in given)
    return [
        one if counts[one.name] == 1 else replace(one, name=f"{one.name}{one.path.suffix}") for one in given
    ]


def _find(path: Path, output: Path, masks: bool) -> Iterator[Given]:
    if path.is_file():
        yield Given(path=path, name=path.stem)
    elif path.is_dir():
        made = output.resolve()
        if path.resolve() == made:
            what = "is given and written to: what is made there would be taken for more pictures"
            raise UsageError(what, where=str(path), hint="Name another folder with -o.")
        found = without_masks(name for name in _names(path, made) if is_picture(name))
        for name in sorted(found, key=natural):
            if masks or not is_mask(name):
                yield Given(path=path / name, name=str(Path(name).with_suffix("")))
    else:
        raise UsageError("there is no such file or folder", where=str(path))


def _names(folder: Path, made: Path) -> Iterator[str]:
    """Name the files in a folder, relative to it, but for those in what was made before."""
    for place, folders, files in walk(folder):
        folders[:] = [one for one in folders if Path(place, one).resolve() != made]
        for file in files:
            yield Path(place, file).relative_to(folder).as_posix()
