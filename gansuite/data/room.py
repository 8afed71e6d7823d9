"""Room for what is ready before its turn, bounded in bytes."""

from __future__ import annotations

import threading


class Room:
    """Holds threads back whose things are ready early: no more than some bytes wait for an earlier thing.

    Things are numbered from 0, and leave in this order. The one whose turn it is always enters, however full
    the room is: what fills it are later ones, which do not leave before it. So nobody waits for ever where
    things are begun in this order too: the one whose turn it is has then been begun, or can be.

    Args:
        most: bytes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._turn = 0
        self._closed = False
        self._changed = threading.Condition()

    def enter(self, number: int, size: int) -> None:
        """Wait until there is room for a thing of so many bytes, it is its turn, or the room is closed."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or number == self._turn or self._held + size <= self._most
            )
            self._held += size

    def leave(self, number: int, size: int) -> None:
        """Make room: the next number's turn has come."""
        with self._changed:
            self._held -= size
            self._turn = number + 1
            self._changed.notify_all()

    def close(self) -> None:
        """Hold nobody back any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
