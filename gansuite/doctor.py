"""Trying installed plugins out, each in a process of its own: a broken one can do no more than fail."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gansuite.registry import Announcement, Fault

#: Seconds in which everything of a plugin has to be imported.
LIMIT = 120.0
#: Seconds of computing that what comes before TensorFlow may take: every command waits for it.
LIGHT = 1.0
#: What a plugin's announcement and settings must not import.
HEAVY = ("tensorflow", "keras", "torch", "jax", "matplotlib", "pandas", "scipy", "sklearn", "librosa")
_STAGES = {"announcement": "its announcement", "settings": "its settings", "domain": "its domain"}

_PROGRAM = """\
import json, sys, time
name, report, heavy, sys.path[:] = json.loads(sys.argv[1])
from gansuite.errors import GansuiteError
from gansuite.registry import load

def say(**facts):
    with open(report, "a") as file:
        file.write(json.dumps(facts) + "\\n")

def stage(stage, function):
    say(begun=stage)
    begun, before = time.process_time(), set(sys.modules)
    try:
        value, problem = function(), None
    except GansuiteError as error:
        value, problem = None, error.what
    except BaseException as error:
        value, problem = None, f"{type(error).__name__}: {error}"
    seconds = time.process_time() - begun
    loaded = sorted({one.partition(".")[0] for one in set(sys.modules) - before} & set(heavy))
    say(done=stage, seconds=seconds, heavy=loaded, problem=problem)
    return value

def domain():
    from gansuite.cli.screen import Screen
    Screen().import_tensorflow()
    from gansuite.domain import Domain
    from gansuite.errors import PluginError
    found = plugin.domain_class()
    if not issubclass(found, Domain):
        raise PluginError(f"{plugin.domain} is not a gansuite.domain.Domain")
    missing = sorted(found.__abstractmethods__)
    if missing:
        raise PluginError(f"{plugin.domain} lacks {', '.join(missing)}")
    return found

plugin = stage("announcement", lambda: load(name))
if plugin is not None and stage("settings", plugin.config_class) is not None:
    stage("domain", domain)
"""


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """How a plugin is.

    Attributes:
        name: the plugin's.
        distribution: what it was installed with, and its version.
        problem: what is wrong with it; None where it can be used.
        remedy: what to do about it.
        seconds: of computing that importing took, by stage: announcement, settings, domain.
    """

    name: str
    distribution: str
    problem: str | None
    remedy: str
    seconds: Mapping[str, float]


def diagnose(one: Announcement, *, limit: float = LIMIT) -> Diagnosis:
    """Find out whether a plugin can be used, and if not, why.

    Args:
        one: what is known about it without running it.
        limit: seconds that it may take.
    """
    if one.problem is not None:
        return _diagnosis(one, one.problem, _for_announcement(one), {})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        report.touch()
        request = json.dumps([one.name, str(report), HEAVY, sys.path])
        try:
            done = subprocess.run(
                [sys.executable, "-c", _PROGRAM, request],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit,
                check=False,
            )  # fmt: skip
            ended = _ending(done.returncode)
        except subprocess.TimeoutExpired:
            ended = f"did not end within {limit:g} s"
        rows = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    return _of_rows(one, rows, ended)


def _of_rows(one: Announcement, rows: list[dict[str, Any]], ended: str) -> Diagnosis:
    done = {row["done"]: row for row in rows if "done" in row}
    seconds = {stage: round(row["seconds"], 2) for stage, row in done.items()}
    begun = [row["begun"] for row in rows if "begun" in row]
    for stage, row in done.items():
        if row["problem"] is not None:
            return _diagnosis(one, row["problem"], _update(one), seconds)
        if stage != "domain" and row["heavy"]:
            return _diagnosis(
                one,
                f"{_STAGES[stage]} imports {', '.join(row['heavy'])}, for which every command waits",
                f"Tell the authors of {one.distribution}: only its domain may import them.",
                seconds,
            )
    if begun and begun[-1] not in done:
        return _diagnosis(one, f"importing {_STAGES[begun[-1]]} {ended}", _update(one), seconds)
    light = sum(value for stage, value in seconds.items() if stage != "domain")
    if light > LIGHT:
        return _diagnosis(
            one,
            f"importing its announcement and settings takes {light:.1f} s, for which every command waits",
            f"Tell the authors of {one.distribution}.",
            seconds,
        )
    if len(done) < len(_STAGES) or ended != _ending(0):
        return _diagnosis(one, f"its process {ended}", _update(one), seconds)
    return _diagnosis(one, None, "", seconds)


def _diagnosis(
    one: Announcement, problem: str | None, remedy: str, seconds: Mapping[str, float]
) -> Diagnosis:
    distribution = f"{one.distribution} {one.version}"
    return Diagnosis(
        name=one.name, distribution=distribution, problem=problem, remedy=remedy, seconds=seconds
    )


def _for_announcement(one: Announcement) -> str:
    remedies: dict[Fault, str] = {
        "requirement": f"pip install --upgrade {one.distribution} installs what it needs.",
        "interface": "pip install --upgrade gansuite",
        "name": "Uninstall one of the two.",
        "itself": _update(one),
    }
    return remedies[one.fault or "itself"]


def _update(one: Announcement) -> str:
    return f"pip install --upgrade {one.distribution}, or pip uninstall {one.distribution}"


def _ending(code: int) -> str:
    if code < 0:
        return f"ended the process with {signal.Signals(-code).name}"
    return f"ended the process with exit status {code}"
