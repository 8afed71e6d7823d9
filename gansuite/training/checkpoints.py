"""Checkpoints that are whole or not there, and are checked before they are believed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tensorflow as tf

from gansuite.errors import CheckpointError
from gansuite.files import synchronise, write_atomically
from gansuite.training.merits import Merit

_MANIFEST = "manifest.json"
_STATE = "state"
_FORMAT = 1


class Checkpoints:
    """The checkpoints of a run: `step-00001000/` with TensorFlow's files and a manifest of their hashes.

    Args:
        folder: where they are.
        keep: how many of the newest stay.
        best: the score by which the best one stays beside them; empty for none.
        by: how it is measured; see `Merit`.
    """

    def __init__(self, folder: Path, keep: int = 3, best: str = "", by: str = "") -> None:
        self.folder = folder
        self.keep = keep
        self._score = best
        self._by = by

    def steps(self) -> list[int]:
        """Return the steps there are checkpoints of, newest first."""
        found = (path.name.removeprefix("step-") for path in self.folder.glob("step-*"))
        return sorted((int(name) for name in found if name.isdigit()), reverse=True)

    def path(self, step: int) -> Path:
        """Return where the checkpoint of a step is."""
        return self.folder / f"step-{step:08d}"

    def draft(self, state: tf.train.Checkpoint, step: int) -> Path:
        """Write what there is to keep into a folder that nobody takes for a checkpoint, and return it.

        Args:
            state: what to write; may change as soon as this returns.
            step: which step it is of.

        Raises:
            CheckpointError: where it could not be written; checkpoints are untouched.
        """
        draft = self.folder / f".writing-{step:08d}"
        with self._whole(draft, step):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            draft.mkdir()
            state.write(str(draft / _STATE))
        return draft

    def publish(self, draft: Path, step: int, merit: Merit | None = None) -> Path:
        """Make a draft a checkpoint, whole or not at all, and remove those past `keep`, but not the best one.

        Those of later steps, and those that were set aside, are removed with them.

        Args:
            draft: of `draft`.
            step: which step it is of.
            merit: how good the run is, where that was measured.

        Raises:
            CheckpointError: where it could not be written; those before it are untouched.
        """
        final = self.path(step)
        with self._whole(draft, step):
            write_atomically(draft / _MANIFEST, json.dumps(_manifest(draft, step, merit), indent=1))
            _publish(draft, final)
        kept = [one for one in self.steps() if one <= step][: self.keep]
        for other in set(self.steps()) - {*kept, self.best(until=step)}:
            shutil.rmtree(self.path(other), ignore_errors=True)
        for damaged in self.folder.glob("damaged-*"):
            shutil.rmtree(damaged, ignore_errors=True)
        return final

    def set_aside(self, step: int) -> None:
        """Give a damaged checkpoint another name, so that it counts for nothing; the next removes it."""
        aside = self.folder / f"damaged-{step:08d}"
        with contextlib.suppress(OSError):
            shutil.rmtree(aside, ignore_errors=True)
            self.path(step).rename(aside)

    @contextlib.contextmanager
    def _whole(self, draft: Path, step: int) -> Iterator[None]:
        """Remove a draft where it fails, also where the process is stopped meanwhile, and say why."""
        try:
            yield
        except BaseException as error:
            shutil.rmtree(draft, ignore_errors=True)
            if not isinstance(error, OSError | tf.errors.OpError):
                raise
            raise CheckpointError(
                f"The checkpoint of step {step} could not be written: {reason(error)}",
                where=str(self.folder),
                hint=self._advice(),
                goes_on=True,
            ) from error

    def best(self, until: float = math.inf) -> int | None:
        """Return the step, at most `until`, of the best checkpoint, the first of equals; None for none."""
        if not self._score:
            return None
        merits = {step: self.merit(step) for step in reversed(self.steps()) if step <= until}
        known = {step: merit for step, merit in merits.items() if merit is not None}
        return min(known, key=lambda step: known[step].distance, default=None)

    def merit(self, step: int) -> Merit | None:
        """Return how good the run was at a step, by the score that says what is best, where that is known."""
        try:
            merit = Merit(**json.loads((self.path(step) / _MANIFEST).read_text("utf-8"))["merit"])
            comparable = (merit.score, merit.by) == (self._score, self._by)
            return merit if comparable and math.isfinite(merit.distance) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def newest_sound(self) -> tuple[int | None, list[str]]:
        """Find the newest checkpoint whose files are what its manifest says.

        Returns:
            Its step (None where there is none), and a line for each newer one that is damaged. A run that
            is under way may remove them meanwhile: it has a newer one then.

        Raises:
            CheckpointError: one cannot be read now. It may be sound: none is passed over for that.
        """
        damaged: list[str] = []
        seen: set[int] = set()
        while left := [step for step in self.steps() if step not in seen]:
            step = left[0]
            seen.add(step)
            problem = self.damage(step)
            if problem is None:
                return step, [f"{line} Using that of step {step}." for line in damaged]
            if self.path(step).exists():
                damaged.append(f"The checkpoint of step {step} is damaged ({problem}).")
        return None, damaged

    def damage(self, step: int) -> str | None:
        """Say in what the checkpoint of a step is not what was written; None where it is sound.

        Raises:
            CheckpointError: it is there, but cannot be read now, so that nobody can tell.
        """
        folder = self.path(step)
        return _damage(folder, step) if folder.is_dir() else "it is not there"

    def read(self, state: tf.train.Checkpoint, step: int, *, partial: bool = False) -> None:
        """Restore everything from a checkpoint.

        Args:
            state: what to fill.
            step: which checkpoint.
            partial: whether it may hold more than `state` asks for.

        Raises:
            CheckpointError: where it does not hold what is asked for.
        """
        try:
            status = state.read(str(self.path(step) / _STATE))
            if partial:
                status.assert_existing_objects_matched().expect_partial()
            else:
                status.assert_consumed()
        except (AssertionError, ValueError, tf.errors.OpError) as error:
            raise CheckpointError(
                f"The checkpoint does not fit the networks: {reason(error)}",
                where=str(self.path(step)),
                hint="It was written by another version of the plugin or of gansuite, or the plugin's code "
                "was changed since; use what it was written by.",
            ) from error

    def _sweep(self) -> None:
        for left in self.folder.glob(".writing-*"):
            shutil.rmtree(left, ignore_errors=True)

    def _advice(self) -> str:
        steps = self.steps()
        before = f"The checkpoint of step {steps[0]} is intact. " if steps else ""
        return f"{before}Free some space or permit writing there, then go on with --resume."


def _publish(draft: Path, final: Path) -> None:
    for path in draft.iterdir():
        synchronise(path)
    synchronise(draft)
    if final.exists():
        shutil.rmtree(final)
    draft.rename(final)
    synchronise(final.parent)


def _manifest(folder: Path, step: int, merit: Merit | None) -> dict[str, Any]:
    files = {path.name: _digest(path) for path in sorted(folder.iterdir())}
    measured = {} if merit is None else {"merit": asdict(merit)}
    return {"format": _FORMAT, "step": step, "sha256": files, **measured}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damage(folder: Path, step: int) -> str | None:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text())
        if manifest["step"] != step:
            return f"its manifest speaks of step {manifest['step']}"
        for name, digest in manifest["sha256"].items():
            if Path(name).name != name:
                return f"its manifest names a file outside of it, {name!r}"
            if _digest(folder / name) != digest:
                return f"{name} is not what was written"
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    except (IsADirectoryError, NotADirectoryError) as error:
        return f"{Path(error.filename).name} is no file"
    except OSError as error:
        raise CheckpointError(
            f"The checkpoint of step {step} cannot be read: {reason(error)}",
            where=str(folder),
            hint="Try again. To go on from the one before it, remove this folder.",
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return f"its manifest cannot be read: {error}"
    return None


def reason(error: Exception) -> str:
    """Say in one line what happened, without what TensorFlow says of its own insides."""
    text = str(getattr(error, "message", None) or error).strip()
    if isinstance(error, tf.errors.OpError):
        text = re.sub(r"\{\{.*?\}\}|\[Op:\w+\]", "", text).rpartition("; ")[2].strip()
    return text.splitlines()[0] if text else type(error).__name__
