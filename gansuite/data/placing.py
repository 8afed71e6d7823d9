"""Put a data set's files into their folder: once, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from gansuite.data.cards import Card
from gansuite.data.home import cannot_write
from gansuite.data.progress import note
from gansuite.errors import DataError


def place(card: Card, fill: Callable[[Path], None], *, again: bool = False) -> Path:
    """Return a card's folder, filling it first where that was not done.

    Args:
        card: the data set.
        fill: given an empty folder, puts the files there. If it raises, nothing is left. What it cannot read
            it tells by an error of its own: an `OSError` is taken for one of writing.
        again: fill a new one even if there is one.

    Two processes that want the same data set fill it once; the other waits.

    Raises:
        DataError: the folder cannot be written; whatever `fill` raises.
    """
    folder = card.folder
    if folder.is_dir() and not again:
        return folder
    partial = folder.with_name(f"{folder.name}.partial")
    lock = FileLock(folder.with_name(f"{folder.name}.lock"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _acquire(lock, card)
        try:
            if again or not folder.is_dir():
                shutil.rmtree(partial, ignore_errors=True)  # of a process that was killed: the lock is ours
                partial.mkdir()
                fill(partial)
                shutil.rmtree(folder, ignore_errors=True)
                partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
            lock.release()
    except DataError:
        raise
    except OSError as error:
        raise cannot_write(folder.parent, error) from error
    return folder


def _acquire(lock: FileLock, card: Card) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        note(f"another process is getting {card.name}: waiting for it")
        lock.acquire()
