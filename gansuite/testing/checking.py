"""Checking a plugin."""

from __future__ import annotations

import contextlib
import functools
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gansuite.composition import Request, data_layer
from gansuite.deterministic import keep_order
from gansuite.doctor import diagnose
from gansuite.errors import GansuiteError, PluginError, UsageError
from gansuite.nearest import suggestion
from gansuite.origin import said
from gansuite.registry import Announcement, announced, load
from gansuite.testing.checks import CHECKS
from gansuite.testing.report import Outcome, Report
from gansuite.testing.subject import Subject

_IMPORT = "import"
_PROMISE = (
    "It is imported in time, without heavy libraries before its domain, speaks this interface, has settings."
)


def check_names() -> list[str]:
    """Return the names of all checks, in their order."""
    return [_IMPORT, *(one.name for one in CHECKS)]


def check_plugin(
    name: str,
    *,
    data: str | None = None,
    preset: str | None = None,
    files: Sequence[Path] = (),
    settings: Sequence[str] = (),
    only: Sequence[str] = (),
    expected_failures: Mapping[str, str] | None = None,
    folder: Path | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> Report:
    """Check whether an installed plugin keeps what gansuite promises of every run.

    It is imported, looked at piece by piece, trained for twenty steps of eight examples on one device and on
    two parts of the CPU, gone on with from its middle, drawn, judged and exported. Choose settings with which
    this is quick: small networks and little data, all of its phases within these steps.

    Args:
        name: the plugin's.
        data: what to learn from: the name of a data set or a path, as of `gansuite train --data`.
        preset: one of the plugin's.
        files: TOML files with settings, above those of the quick run.
        settings: ``a.b=value`` texts, as of `--set`.
        only: names of the checks that are wanted; all where there are none. `import` comes first always.
        expected_failures: name of a check -> why it is known to fail.
        folder: an empty one for what is made; a temporary one where it is None.
        note: is told which check is under way.

    Returns:
        What came out of each check.

    Raises:
        UsageError: there is no such plugin or check, or the settings are wrong.
    """
    expected = dict(expected_failures or {})
    for unheard in sorted({*expected, *only} - set(check_names())):
        raise UsageError(f"there is no check {unheard!r}", hint=suggestion(unheard, check_names()))
    known = announced(name)
    attempt = _Attempt(expected, note)
    with _place(folder) as place:
        if attempt.holds(_IMPORT, _PROMISE, lambda: _diagnose(known)):
            plugin = load(name)
            layers = [] if data is None else [data_layer(plugin, data)]
            request = Request(preset=preset, files=files, assignments=settings, flags=layers)
            keep_order()
            subject = Subject(plugin, request, place)
            for one in CHECKS:
                if only and one.name not in only:
                    continue
                attempt.holds(one.name, one.promise, functools.partial(one.test, subject))
    tried = {one.check for one in attempt.outcomes}
    untried = [one for one in check_names() if one not in tried and (not only or one in only)]
    return Report(plugin=name, outcomes=attempt.outcomes, untried=untried)


class _Attempt:
    """Tries one check after the other."""

    def __init__(self, expected: Mapping[str, str], note: Callable[[str], None]) -> None:
        self.outcomes: list[Outcome] = []
        self._expected = expected
        self._note = note

    def holds(self, name: str, promise: str, test: Callable[[], Any]) -> bool:
        """Try a check, and keep what came out; whether it held."""
        self._note(f"checking {name}")
        begun = time.monotonic()
        problem = _problem(test)
        self.outcomes.append(
            Outcome(
                check=name,
                promise=promise,
                problem=problem,
                expected=self._expected.get(name),
                seconds=round(time.monotonic() - begun, 2),
            )
        )
        return problem is None


def _problem(test: Callable[[], Any]) -> str | None:
    """Why a test fails, whatever it raises; None where it does not."""
    try:
        test()
    except KeyboardInterrupt:
        raise
    except GansuiteError as error:
        return str(error)
    except BaseException as error:
        return said(error)
    return None


def _diagnose(known: Announcement) -> None:
    diagnosis = diagnose(known)
    if diagnosis.problem is not None:
        raise PluginError(diagnosis.problem, hint=diagnosis.remedy)


@contextlib.contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError("there is something already", where=str(folder), hint="Give an empty folder.")
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="gansuite-check-") as made:
        yield Path(made)
