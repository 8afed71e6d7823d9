"""Whether a plugin can be used."""

from __future__ import annotations

import shlex

from gansuite.distributions import editable
from gansuite.doctor.diagnosis import Diagnosis, update
from gansuite.doctor.trying import LIMIT, Trial, tried
from gansuite.registry import Announcement, Fault

#: Seconds of computing that what comes before TensorFlow may take: every command waits for it.
LIGHT = 1.0
#: Seconds that it may wait meanwhile, for a network or a disk: many, because a busy machine has it wait too.
WAIT = 10.0
#: What a plugin's announcement and settings must not import.
HEAVY = ("tensorflow", "keras", "torch", "jax", "matplotlib", "pandas", "scipy", "sklearn", "librosa")
_STAGES = {"announcement": "its announcement", "settings": "its settings", "domain": "its domain"}

_PROGRAM = """\
from gansuite.registry import load

def settings():
    from gansuite.config import settings_of
    from gansuite.settings import Training
    found = plugin.config_class()
    if not any(one.path == "training" and one.kind.base is Training for one in settings_of(found)):
        raise PluginError(f"{plugin.config} has no training: gansuite.settings.Training")
    return found

def domain():
    from gansuite.cli.screen import Screen
    Screen().import_tensorflow()
    from gansuite.domain import Domain
    found = plugin.domain_class()
    if not issubclass(found, Domain):
        raise PluginError(f"{plugin.domain} is not a gansuite.domain.Domain")
    missing = sorted(found.__abstractmethods__)
    if missing:
        raise PluginError(f"{plugin.domain} lacks {', '.join(missing)}")
    return found

plugin = stage("announcement", lambda: load(*request))
if plugin is not None and stage("settings", settings) is not None:
    stage("domain", domain)
"""


def diagnose(one: Announcement, *, limit: float = LIMIT) -> Diagnosis:
    """Find out whether a plugin can be used, and if not, why.

    Args:
        one: what is known about it without running it.
        limit: seconds by the clock that it may take.
    """
    distribution = f"{one.distribution} {one.version}"
    if one.problem is not None:
        return Diagnosis(
            name=one.name, distribution=distribution, problem=one.problem, remedy=_for_announcement(one)
        )
    trial = tried(_PROGRAM, [one.name], limit=limit)
    problem, remedy = judged(one.distribution, trial) or (None, "")
    return Diagnosis(
        name=one.name,
        distribution=distribution,
        problem=problem,
        remedy=remedy,
        seconds=trial.seconds,
        clock=trial.clock,
    )


def judged(owner: str, trial: Trial) -> tuple[str, str] | None:
    """Say what is wrong with a plugin that was tried out and what to do, or None.

    Args:
        owner: its distribution.
        trial: how far it came.
    """
    for stage, row in trial.done.items():
        if row["problem"] is not None:
            return row["problem"], update(owner)
        heavy = [name for name in row["loaded"] if name in HEAVY]
        if stage != "domain" and heavy:
            return (
                f"{_STAGES[stage]} imports {', '.join(heavy)}, for which every command waits",
                f"Tell the authors of {owner}: only its domain may import them.",
            )
    if trial.unfinished is not None:
        return f"importing {_STAGES[trial.unfinished]} {trial.ended}", update(owner)
    if (problem := _slow(trial)) is not None:
        return problem, f"Tell the authors of {owner}."
    if len(trial.done) < len(_STAGES) or not trial.well:
        return f"its process {trial.ended}", update(owner)
    return None


def _slow(trial: Trial) -> str | None:
    computing, clock = (
        sum(value for stage, value in times.items() if stage != "domain")
        for times in (trial.seconds, trial.clock)
    )
    takes = "importing its announcement and settings takes"
    if computing > LIGHT:
        return f"{takes} {computing:.1f} s of computing, for which every command waits"
    if clock - computing > WAIT:
        return f"{takes} {clock:.1f} s and computes {computing:.1f} s of them: every command waits with it"
    return None


def _for_announcement(one: Announcement) -> str:
    folder = editable(one.distribution)
    again = f"-e {shlex.quote(folder)}" if folder is not None else f"--upgrade {one.distribution}"
    remedies: dict[Fault, str] = {
        "requirement": f"pip install {again} installs what it needs.",
        "interface": "pip install --upgrade gansuite",
        "name": "Uninstall one of the two.",
        "own name": f"pip uninstall {one.distribution}, or ask its authors for a name of its own.",
        "itself": update(one.distribution),
    }
    return remedies[one.fault or "itself"]
