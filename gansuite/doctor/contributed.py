"""Whether what distributions bring along besides plugins can be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gansuite import modules
from gansuite.contributions import GROUPS, Owner, contributed
from gansuite.doctor.diagnosis import Diagnosis, update
from gansuite.doctor.trying import LIMIT, Trial, tried

#: What is wrong and what to do; None where nothing is.
Found = tuple[str, str] | None
#: Stages: whether its name is free, then what it is. A card is read, and all else is imported.
_PROGRAM = """\
from gansuite.contributions import bring

kind, group, name = request

def ours():
    if kind == "command":
        from gansuite.cli.group import VERBS as names
    elif kind == "loss":
        from gansuite.losses.adversarial import ADVERSARIAL_LOSSES as names
    elif kind == "data set":
        from gansuite.data.cards import cards_folder, read_card
        names = {read_card(file).name for file in cards_folder().glob("*.toml")}
    else:
        names = ()
    if name in names:
        raise PluginError(f"is never used: gansuite's own {kind} of that name comes before it")
    return True

def brought():
    if kind == "data set":
        from gansuite.data.cards import card, loader_of
        return loader_of(card(name))
    found, _ = bring(group, name, kind)
    if kind == "command":
        import click
        fits, wanted = isinstance(found, click.Command), "a click command"
    elif kind == "loss":
        from gansuite.losses.adversarial import AdversarialLoss
        fits, wanted = isinstance(found, AdversarialLoss), "a gansuite.losses.adversarial.AdversarialLoss"
    else:
        fits, wanted = callable(found), "a function"
    if not fits:
        raise PluginError(f"is not {wanted}")

if stage("name", ours):
    stage("import", brought)
"""


def diagnose_contributions(names: Sequence[str] = (), *, limit: float = LIMIT) -> list[Diagnosis]:
    """Find out which commands, losses, metrics and cards of data sets can be used, and if not, why.

    Args:
        names: of those that are wanted; all where there are none.
        limit: seconds by the clock that each may take.
    """
    return [
        _diagnose(group, name, owners, limit)
        for group in GROUPS
        for name, owners in contributed(group).items()
        if not names or name in names
    ]


def _diagnose(group: str, name: str, owners: Sequence[Owner], limit: float) -> Diagnosis:
    distribution = " and ".join(sorted(one.distribution for one in owners))
    trial = None
    if len(owners) > 1:
        found: Found = f"is registered more than once, by {distribution}", "Uninstall one of the two."
    elif (missing := _missing(owners[0])) is not None:
        found = missing, update(distribution)
    else:
        trial = tried(_PROGRAM, [GROUPS[group], group, name], limit=limit)
        found = _found(distribution, trial)
    problem, remedy = found or (None, "")
    return Diagnosis(
        what=GROUPS[group],
        name=name,
        distribution=distribution,
        problem=problem,
        remedy=remedy,
        seconds={} if trial is None else _of_import(trial.seconds),
        clock={} if trial is None else _of_import(trial.clock),
    )


def _of_import(times: Mapping[str, float]) -> Mapping[str, float]:
    return {stage: value for stage, value in times.items() if stage == "import"}


def _missing(one: Owner) -> str | None:
    module = one.target.partition(":")[0]
    try:
        return f"module {module} is missing" if modules.find(module) is None else None
    except modules.CompiledError:
        return None  # it is there, though it cannot be looked into
    except modules.UnreadableError as error:
        return str(error)


def _found(owner: str, trial: Trial) -> Found:
    for stage, row in trial.done.items():
        if row["problem"] is not None:
            renaming = f"Tell the authors of {owner}: it needs another name."
            return row["problem"], renaming if stage == "name" else update(owner)
    if trial.unfinished is not None:
        return f"importing it {trial.ended}", update(owner)
    if "import" not in trial.done or not trial.well:
        return f"its process {trial.ended}", update(owner)
    return None
