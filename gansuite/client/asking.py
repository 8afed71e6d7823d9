"""How long a server is waited for, how often it is asked, and what is said where it does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from gansuite.errors import GansuiteError, UsageError

Answer = TypeVar("Answer")

#: Of the names that a server says, how many are shown, and how many letters of each.
_NAMED = 20
_LETTERS = 80


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is put up with.

    Attributes:
        silence: seconds that a server may be silent.
        patience: seconds that a whole answer may take, from when it is asked for.
        largest: bytes of an answer at most, and of a request that is written out as text.
        numbers: in a request at most; beyond them it is divided, down to a row each.
        pauses: seconds before asking again where a server cannot be reached, or says that it is busy.
    """

    silence: float = 60.0
    patience: float = 600.0
    largest: int = 1 << 28
    numbers: int = 1 << 20
    pauses: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)

    @classmethod
    def patient(cls, seconds: float) -> Limits:
        """Put up with so many seconds of silence, and with ten times as many for a whole answer."""
        return cls(silence=seconds, patience=10 * seconds)


class TooLargeError(GansuiteError):
    """A row alone is more than is put up with; others may be less."""


class Busy(Exception):  # noqa: N818 - it is no error yet
    """Asked again, it may answer."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """How one model is asked.

    Attributes:
        where: its address.
        interface: what is expected there, for people.
        limits: what is put up with.
    """

    where: str
    interface: str
    limits: Limits

    def until_answered(self, once: Callable[[], Answer]) -> Answer:
        """Ask until there is an answer; asking twice changes nothing on a server.

        Args:
            once: asks; raises Busy where asking again may help.

        Raises:
            GansuiteError: it stayed busy.
        """
        for pause in self.limits.pauses:
            try:
                return once()
            except Busy:
                time.sleep(pause)
        try:
            return once()
        except Busy as problem:
            raise self.failed(str(problem)) from problem

    def failed(self, what: str) -> GansuiteError:
        """Return the error of a server that did not answer."""
        return GansuiteError(what, where=self.where, hint="Nothing was written for what was asked last.")

    def silent(self) -> GansuiteError:
        """Return the error of a server that was silent for too long."""
        return self._slow(f"it was silent for {self.limits.silence:g} s")

    def late(self) -> GansuiteError:
        """Return the error of an answer that was not whole in time."""
        return self._slow(f"its answer took more than {self.limits.patience:g} s")

    def _slow(self, what: str) -> GansuiteError:
        hint = (
            "Nothing was written for what was asked last. --patience SECONDS waits longer, and in Python "
            "gansuite.client.Limits."
        )
        return GansuiteError(what, where=self.where, hint=hint)

    def moved(self, code: int, place: str) -> GansuiteError:
        """Return the error of an answer that points to another address."""
        what = f"it says {code}, and points to {first_line(place)}"
        hint = "That is not followed. Where it is the server you mean, give its own address with --server."
        return GansuiteError(what, where=self.where, hint=hint)

    def another(self, what: str) -> UsageError:
        """Return the error of a model that is not what the run was exported to."""
        hint = (
            "Export this run and serve that, with gansuite export RUN FOLDER, or give the run that what is "
            "served was exported from."
        )
        return UsageError(f"what is served is another model: {what}", where=self.where, hint=hint)

    def nonsense(self, what: str) -> GansuiteError:
        """Return the error of an answer that is none."""
        hint = f"Is it TensorFlow Serving's {self.interface}, and the model that was exported?"
        return GansuiteError(what, where=self.where, hint=hint)

    def too_large(self, what: str = "its answer") -> TooLargeError:
        """Return the error of an answer, or of a request, beyond what is put up with."""
        hint = (
            "Ask for less at once. gRPC (port 8500) takes fewer bytes for numbers than REST, and "
            "gansuite.client.Limits allows more."
        )
        return TooLargeError(
            f"{what} is larger than {self.limits.largest >> 20} MiB", where=self.where, hint=hint
        )


def first_line(text: str) -> str:
    """Return what a server says in short, without what a terminal would obey."""
    line = next(iter(text.strip().splitlines()), "")
    return "".join(letter for letter in line if letter.isprintable()) or "nothing"


def listed(names: Iterable[str]) -> str:
    """Return names that a server says, in order and in short, without what a terminal would obey."""
    ordered = sorted(names)
    shown = [first_line(name)[:_LETTERS] for name in ordered[:_NAMED]]
    if len(ordered) > _NAMED:
        shown.append(f"and {len(ordered) - _NAMED} more")
    return ", ".join(shown) or "nothing"
