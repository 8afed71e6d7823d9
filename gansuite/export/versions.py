"""Versions of a model as TensorFlow Serving counts them: folders that are numbers, whole or not there."""

from __future__ import annotations

import contextlib
import errno
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
#: What lies beside models; see `gansuite.export.beside`.
MODELS, THREADS, COMPOSE = BESIDE = ("models.config", "batching.config", "compose.yaml")
#: A server reads numbers of versions as int64.
LARGEST = 2**63 - 1
#: What renaming says where something is there already: a folder that holds something, or a file.
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)
#: What writing says where there is no room.
_FULL = (errno.ENOSPC, errno.EDQUOT)
_NUMBER = re.compile(r"0*[0-9]{1,19}")
#: Seconds after which a draft is nobody's.
_ABANDONED = 24 * 3600.0


def is_name(name: str) -> bool:
    """Whether something can be the name of a model, in an address and in a server's settings."""
    return _NAME.fullmatch(name) is not None and name not in BESIDE


def versions(model: Path) -> list[int]:
    """Return the numbers of the versions there are, smallest first."""
    return sorted(number for number, path in numbered(model) if path.is_dir())


def numbered(model: Path) -> list[tuple[int, Path]]:
    """Return what a server takes for versions, each with its number: `0001` is 1, and so is a file `1`."""
    if not model.is_dir():
        return []
    named = [(int(path.name), path) for path in model.iterdir() if _NUMBER.fullmatch(path.name)]
    return [(number, path) for number, path in named if number <= LARGEST]


def chosen(model: Path, number: int | None) -> int:
    """Return the number of the next version.

    Args:
        model: where the versions are.
        number: which one it is to be; the one after the last where it is None.

    Raises:
        UsageError: it is taken, or larger than a server can read.
    """
    there = dict(numbered(model))
    following = max(there, default=0) + 1
    if number in there:
        what = f"there is a version {number}"
        if not there[number].is_dir():
            what = f"the number {number} is taken by {there[number].name}, which is no folder"
        hint = "Choose another number."
        if following <= LARGEST:
            hint = f"Leave --version out to write version {following}."
        raise UsageError(what, where=str(model), hint=hint)
    if number is None and following > LARGEST:
        hint = "Choose a free number with --version; a server that is not asked for one takes the largest."
        raise UsageError(f"version {LARGEST} is the last that there can be", where=str(model), hint=hint)
    if number is not None and number > LARGEST:
        what = f"{number} is larger than a server can read"
        raise UsageError(what, where="--version", hint=f"The largest number is {LARGEST}.")
    return following if number is None else number


@contextlib.contextmanager
def drafted_version(model: Path) -> Iterator[Path]:
    """Give a folder beside the versions, of a name that no server looks at; it is removed afterwards.

    Raises:
        GansuiteError: there is no room.
        UsageError: nothing can be written there.
    """
    with contextlib.ExitStack() as stack:
        with writing(model):
            draft = stack.enter_context(drafted(model))
            _sweep(model)
        yield draft


@contextlib.contextmanager
def writing(model: Path) -> Iterator[None]:
    """Say why a version cannot be written; for what does nothing else.

    Args:
        model: where the versions are.

    Raises:
        GansuiteError: there is no room.
        UsageError: nothing can be written there.
    """
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        # TensorFlow has errors of its own for what its file system says.
        full = isinstance(error, tf.errors.ResourceExhaustedError) or getattr(error, "errno", None) in _FULL
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
        UsageError: there is such a version, or no number is left.
        OSError: it cannot be renamed.
    """
    for path in (*filled.rglob("*"), filled):
        synchronise(path)
    for _ in range(_ATTEMPTS):
        final = model / str(chosen(model, number))
        try:
            # A folder that holds something is not replaced: of two exports at once, one is late, and is told
            # so by the next look.
            filled.rename(final)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
            continue
        synchronise(model)
        return final
    raise GansuiteError("every next version is taken meanwhile", where=str(model))
