"""Domains and trained runs for the verbs that need them; TensorFlow is imported when these are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gansuite.cli.options import Remote
from gansuite.cli.screen import Screen, note
from gansuite.composition import compose_with_data
from gansuite.config import assignments as assigned
from gansuite.errors import GansuiteError, PluginError, UsageError
from gansuite.plugin import Plugin
from gansuite.registry import load
from gansuite.runs import Run, Which

if TYPE_CHECKING:
    from gansuite.domain import Domain
    from gansuite.training.trained import Trained


#: The table of settings that say how answers are written, and nothing about the answers.
RENDERING = "output"


def make_domain(plugin: Plugin, config: Any) -> Domain:
    """A plugin's domain for a config.

    Raises:
        PluginError: the plugin is broken.
    """
    Screen.current().import_tensorflow()
    from gansuite.domain import Domain

    domain = plugin.build_domain(config)
    if not isinstance(domain, Domain):
        raise PluginError(f"{plugin.domain} is not a gansuite.domain.Domain", where=f"plugin {plugin.name}")
    return domain


def open_trained(
    run: Run,
    checkpoint: Which = "newest",
    *,
    data: str | None = None,
    assignments: Sequence[str] = (),
    server: Remote | None = None,
) -> Trained:
    """What a run learned, ready to be used.

    Args:
        run: its directory.
        checkpoint: which of the run's.
        data: another data set or path than the run's own.
        assignments: ``a.b=value`` texts of settings that may change while a run goes on.
        server: what answers instead.

    Raises:
        UsageError: a server was told of a checkpoint, or of settings other than those of a table `output`: it
            answers as it was exported, so that all the others would change nothing. Or a setting is one of
            training's.
    """
    if server is not None and checkpoint != "newest":
        raise UsageError("a server answers as it was exported", where="--checkpoint", hint="Leave it out.")
    Screen.current().prepare_tensorflow()
    plugin = load(run.plugin)
    config = compose_with_data(plugin, run, data, assignments)
    if server is not None:
        _refuse_served(assignments)
    _refuse_training(assignments)
    domain = make_domain(plugin, config)
    from gansuite.training.trained import load_trained, served_trained

    if server is not None:
        from gansuite.client import Limits

        limits = Limits() if server.patience is None else Limits.patient(server.patience)
        return served_trained(run, domain, server.url, limits)
    return load_trained(run, domain, note, checkpoint=checkpoint)


def note_unreached(trained: Trained, consequence: str = "") -> None:
    """Say it where a run stopped before its last phase.

    Args:
        trained: the run.
        consequence: what follows from it.
    """
    from gansuite.game import unreached

    try:
        left = unreached(trained.domain.phases(), trained.step)
    except GansuiteError:  # what only training needs may be gone
        return
    if left is not None:
        note(left + consequence)


def _refuse_training(texts: Sequence[str]) -> None:
    """Refuse the settings of training but for its metrics, which judge afterwards too."""
    for one in texts:
        of_training = assigned([one]).values.get("training", {})
        if set(of_training) - {"metrics"}:
            hint = "gansuite train --resume takes it."
            raise UsageError("nothing is trained here", where=f"--set {one}", hint=hint)


def _refuse_served(texts: Sequence[str]) -> None:
    """Refuse settings that say more than how what a server answered is written."""
    fixed = [one for one in texts if set(assigned([one]).values) != {RENDERING}]
    if fixed:
        hint = f"Leave it out: with --server only settings of {RENDERING}.* hold."
        raise UsageError("a server answers as it was exported", where=f"--set {fixed[0]}", hint=hint)
