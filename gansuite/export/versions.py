"""Versions of a model as TensorFlow Serving counts them: folders that are numbers, whole or not there."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

from gansuite.errors import GansuiteError, UsageError
from gansuite.files import DRAFT, drafted, synchronise
from gansuite.training.checkpoints import reason

#: Numbers that are tried where other exports are always first.
_ATTEMPTS = 1000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
#: Seconds after which a draft is nobody's.
_ABANDONED = 24 * 3600.0


def is_name(name: str) -> bool:
    """Whether something can be the name of a model, in an address and in a server's settings."""
    return _NAME.fullmatch(name) is not None


def versions(model: Path) -> list[int]:
    """Return the numbers of the versions there are, smallest first."""
    if not model.is_dir():
        return []
    return sorted(int(path.name) for path in model.iterdir() if path.name.isdecimal() and path.is_dir())


@contextlib.contextmanager
def drafted_version(model: Path) -> Iterator[Path]:
    """Give a folder beside the versions, of a name that no server looks at; it is removed afterwards.

    Raises:
        GansuiteError: there is no room.
        UsageError: nothing can be written there.
    """
    try:
        with drafted(model) as draft:
            _sweep(model)
            yield draft
    except (OSError, tf.errors.ResourceExhaustedError, tf.errors.PermissionDeniedError) as error:
        full = isinstance(error, tf.errors.OpError) or error.errno == errno.ENOSPC
        kind = GansuiteError if full else UsageError
        what = f"nothing could be written: {reason(error)}"
        raise kind(what, where=str(model), hint="Make room or give access there.") from error


def _sweep(model: Path) -> None:
    """Remove what exports that were killed left behind, of which nobody knows but by their age."""
    for left in model.glob(f"{DRAFT}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                shutil.rmtree(left, ignore_errors=True)


def publish(filled: Path, model: Path, number: int | None) -> Path:
    """Give a filled folder its number, at once and whole.

    Args:
        filled: a folder on the same disk.
        model: where the versions are.
        number: which one it becomes; the one after the last where it is None.

    Returns:
        Where it is now.

    Raises:
        UsageError: there is such a version.
        OSError: it cannot be renamed.
    """
    for path in (*filled.rglob("*"), filled):
        synchronise(path)
    for _ in range(_ATTEMPTS):
        chosen = number if number is not None else max(versions(model), default=0) + 1
        final = model / str(chosen)
        try:
            if final.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            # A folder that holds something is not replaced: of two exports at once, one is late.
            filled.rename(final)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            if number is not None:
                raise taken(model, number) from error
            continue
        synchronise(model)
        return final
    raise GansuiteError("every next version is taken meanwhile", where=str(model))


def taken(model: Path, number: int) -> UsageError:
    """What to raise where a version exists."""
    free = max(versions(model), default=0) + 1
    return UsageError(
        f"there is a version {number}", where=str(model), hint=f"Leave --version out to write version {free}."
    )
