"""Domains and trained runs for the verbs that need them; TensorFlow is imported when these are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gansuite.cli.screen import Screen, note
from gansuite.composition import compose_with_data
from gansuite.errors import PluginError, UsageError
from gansuite.plugin import Plugin
from gansuite.registry import load
from gansuite.runs import Run, Which

if TYPE_CHECKING:
    from gansuite.domain import Domain
    from gansuite.training.trained import Trained


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
    server: str | None = None,
) -> Trained:
    """What a run learned, ready to be used.

    Args:
        run: its directory.
        checkpoint: which of the run's.
        data: another data set or path than the run's own.
        assignments: ``a.b=value`` texts of settings that may change while a run goes on.
        server: address of one that answers instead.
    """
    if server is not None and checkpoint != "newest":
        raise UsageError("a server answers as it was exported", where="--checkpoint", hint="Leave it out.")
    Screen.current().prepare_tensorflow()
    plugin = load(run.plugin)
    config = compose_with_data(plugin, run, data, assignments)
    domain = make_domain(plugin, config)
    from gansuite.training.trained import load_trained, served_trained

    if server is not None:
        return served_trained(run, domain, server)
    return load_trained(run, domain, note, checkpoint=checkpoint)
