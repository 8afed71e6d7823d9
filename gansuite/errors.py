"""Everything gansuite can tell a person went wrong, as one tree.

::

    GansuiteError            exit 1   failed while running
    ├── UsageError           exit 2   what was asked for cannot be done
    │   ├── ConfigError               a setting is unknown, of the wrong type or out of range
    │   ├── DataError                 data is missing, unreadable or unusable
    │   └── RunError                  a run directory is in use, damaged or somebody else's
    ├── PluginError          exit 3   a plugin is broken
    ├── CheckpointError      exit 1   a checkpoint could not be written or read
    ├── DivergenceError      exit 4   a loss became infinite or not a number
    └── Interrupted          exit 130 stopped by a signal after writing a checkpoint
"""

from __future__ import annotations


class GansuiteError(Exception):
    """Something a person can act on.

    Args:
        what: what happened, in one sentence.
        where: the file, key, plugin or step it happened at.
        hint: what to do next.
        goes_on: whether the hint is to go on with the run that failed: it is kept even if still empty.
    """

    exit_code = 1

    def __init__(
        self, what: str, *, where: str | None = None, hint: str | None = None, goes_on: bool = False
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint
        self.goes_on = goes_on

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f"\n  {self.hint}" if self.hint else ""
        return f"{place}{self.what}{advice}"


class UsageError(GansuiteError):
    """What was asked for cannot be done."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting is unknown, of the wrong type or out of range."""


class DataError(UsageError):
    """Data is missing, unreadable or unusable."""


class RunError(UsageError):
    """A run directory is in use, damaged or belongs to another plugin."""


class PluginError(GansuiteError):
    """A plugin is broken; every other one still works."""

    exit_code = 3


class CheckpointError(GansuiteError):
    """A checkpoint could not be written or read."""


class DivergenceError(GansuiteError):
    """A loss became infinite or not a number; the last good checkpoint is kept."""

    exit_code = 4


class Interrupted(GansuiteError):  # noqa: N818 - it is no error of anybody
    """Stopped by a signal after writing a checkpoint."""

    exit_code = 130
