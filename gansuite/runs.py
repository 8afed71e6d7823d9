"""A run directory: everything about one training run, and who may write to it."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from gansuite.config import from_mapping, read_layer
from gansuite.errors import ConfigError, GansuiteError, RunError
from gansuite.files import write_atomically
from gansuite.plugin import API, newer

Config = TypeVar("Config")
Named = Literal["newest", "best"]
Which: TypeAlias = int | Named
"""A checkpoint: the newest one, the best one, or that of a step."""

HEADER = ("plugin", "api")
"""The keys of config.toml that come before the plugin's settings."""

_LOCK = ".lock"


@dataclasses.dataclass(frozen=True)
class Run:
    """A directory with the resolved settings of a run, its checkpoints and what was observed.

    Attributes:
        path: the directory.
        plugin: name of the plugin that it belongs to.
    """

    path: Path
    plugin: str

    @classmethod
    def create(cls, path: Path | None, plugin: str, toml_text: str) -> Run:
        """Make a new run directory with its config.toml.

        Args:
            path: where; None for ``runs/<plugin>/<YYYYmmdd-HHMMSS>`` below the working directory.
            plugin: name of the plugin, as in the header of ``toml_text``.
            toml_text: ``to_toml(config, header={"plugin": ..., "api": ...})``.

        Raises:
            RunError: the directory holds something already, is in use, or cannot be made.
        """
        try:
            folder = _new_folder(plugin) if path is None else path
            folder.mkdir(parents=True, exist_ok=True)
            run = cls(folder, plugin)
            with run.locked():
                refuse_used(folder)
                run._begin(toml_text)
        except OSError as error:
            raise RunError(f"cannot be made: {error.strerror or error}", where=str(path or "runs")) from error
        return run

    def _begin(self, toml_text: str) -> None:
        try:
            write_atomically(self.config_file, toml_text)
        except BaseException:  # such as Ctrl-C, when the file may be there already
            self.discard()
            raise

    @classmethod
    def open(cls, path: Path) -> Run:
        """Open a run directory.

        Raises:
            RunError: it is missing, out of reach, no run directory, damaged, or of a newer gansuite.
        """
        with _reaching(path):
            there, has_config = path.is_dir(), (path / "config.toml").is_file()
        if not there:
            raise RunError("there is no such run directory", where=str(path))
        if not has_config:
            raise RunError("is not a run directory: it has no config.toml", where=str(path))
        values = _read(path / "config.toml")
        plugin, api = (values.get(key) for key in HEADER)
        if not isinstance(plugin, str) or type(api) is not int:
            what = "is damaged: plugin or api is missing"
            raise RunError(what, where=str(path / "config.toml"))
        if api > API:
            raise RunError(newer(api), where=str(path), hint="update gansuite")
        return cls(path, plugin)

    def config(self, cls: type[Config]) -> Config:
        """The run's settings as an object of its plugin's config class.

        Raises:
            ConfigError: they are not (any more) what the class accepts.
        """
        values = {key: value for key, value in _read(self.config_file).items() if key not in HEADER}
        return from_mapping(cls, values, str(self.config_file))

    def rewrite_config(self, toml_text: str) -> None:
        """Replace config.toml, for a resumed run that uses other settings where it may.

        Raises:
            RunError: another process has the run.
            GansuiteError: the file cannot be written.
        """
        with self.locked():
            try:
                write_atomically(self.config_file, toml_text)
            except OSError as error:
                raise unwritable(self.config_file, error) from error

    def discard(self) -> None:
        """Remove a run that has learned nothing; what somebody else put there stays."""
        made = [
            self.config_file, self.environment_file, self.calibration_file, self.scores_file,
            self.report_file, self.path / _LOCK, *self.samples.glob("step-*"),
            *self.samples.glob(".drawing-*"), *self.checkpoints.glob(".writing-*"),
            *self.tensorboard.glob("events.*"),
        ]  # fmt: skip
        for path in made:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    path.unlink()
        for folder in (self.samples, self.checkpoints, self.tensorboard, self.path):
            with contextlib.suppress(OSError):  # what holds something stays
                folder.rmdir()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from writing to the run; may be entered again by the same process.

        Raises:
            RunError: another process has it.
        """
        import filelock  # takes long for those who only look

        lock = filelock.FileLock(self.path / _LOCK, timeout=0, thread_local=False, is_singleton=True)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            hint = "wait until it is done, or stop it"
            raise RunError("is in use by another process", where=str(self.path), hint=hint) from error
        except OSError as error:
            raise RunError(
                f"cannot be written to: {error.strerror or error}", where=str(self.path)
            ) from error
        try:
            yield
        finally:
            lock.release()

    @property
    def resuming(self) -> str:
        """The command that goes on with the run."""
        return _resuming(self.path)

    @property
    def anew(self) -> str:
        """The command that makes another run of the same settings."""
        return f"gansuite train {self.plugin} --config {shlex.quote(str(self.config_file))}"

    @property
    def config_file(self) -> Path:
        return self.path / "config.toml"

    @property
    def environment_file(self) -> Path:
        return self.path / "environment.json"

    @property
    def calibration_file(self) -> Path:
        """Why the run has its precision, where that was left to the machine."""
        return self.path / "calibration.json"

    def labels(self) -> list[str]:
        """What the classes are called that it was trained on; empty where they have no names."""
        try:
            names = json.loads(self.environment_file.read_text("utf-8"))["data"]["labels"]
        except (OSError, ValueError, KeyError, TypeError):
            return []
        return [str(name) for name in names] if isinstance(names, list) else []

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def metrics_file(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def scores_file(self) -> Path:
        return self.path / "scores.jsonl"

    @property
    def tensorboard(self) -> Path:
        return self.path / "tensorboard"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    @property
    def generated(self) -> Path:
        return self.path / "generated"

    @property
    def evaluation_file(self) -> Path:
        return self.path / "evaluation.json"

    @property
    def report_file(self) -> Path:
        return self.path / "report.html"


def unwritable(file: Path, error: OSError, hint: str | None = None) -> GansuiteError:
    """What to raise where a file of a run, right below its directory, cannot be written."""
    goes_on = hint is None
    hint = hint or f"make room or give access, then: {_resuming(file.parent)}"
    what = f"cannot be written: {error.strerror or error}"
    return GansuiteError(what, where=str(file), hint=hint, goes_on=goes_on)


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(read_layer(path).values)
    except ConfigError as error:
        raise RunError(error.what, where=error.where) from error


def _new_folder(plugin: str) -> Path:
    """Make a folder named after the present second, with a number where two runs start in one."""
    parent = Path("runs") / plugin
    parent.mkdir(parents=True, exist_ok=True)
    name = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def refuse_used(folder: Path) -> None:
    """Raise a RunError unless a new run could be made in a folder (which need not exist)."""
    with _reaching(folder):
        if folder.exists() and not folder.is_dir():
            raise RunError("is not a folder", where=str(folder))
        if (folder / "config.toml").exists():
            hint = f"{_resuming(folder)} goes on with it; --out takes another folder"
            raise RunError("already holds a run", where=str(folder), hint=hint)
        if folder.is_dir() and any(entry.name != _LOCK for entry in folder.iterdir()):
            raise RunError("is not empty", where=str(folder), hint="give a new folder")


@contextlib.contextmanager
def _reaching(folder: Path) -> Iterator[None]:
    """Say so where a folder may not be looked into."""
    try:
        yield
    except OSError as error:
        what = f"cannot be reached: {error.strerror or error}"
        raise RunError(what, where=str(folder), hint="give access to it, or name another folder") from error


def _resuming(folder: Path) -> str:
    return f"gansuite train --resume {shlex.quote(str(folder))}"
