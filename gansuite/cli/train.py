"""``gansuite train``: a new run, or more of one."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import shlex
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from gansuite.cli.config import header
from gansuite.cli.domains import make_domain
from gansuite.cli.options import (
    GivenPath,
    OneOf,
    RunPath,
    announced_among,
    complete_data,
    complete_plugin,
    json_option,
    settings_options,
)
from gansuite.cli.screen import Screen, note, pass_screen, results, results_json, verbose_option
from gansuite.composition import Request, check_source, compose, compose_resumed, data_layer, of_other_data
from gansuite.config import Layer, assignments, layered, to_mapping, to_toml
from gansuite.errors import GansuiteError, Interrupted, RunError, UsageError
from gansuite.files import write_atomically
from gansuite.plugin import Plugin
from gansuite.registry import load
from gansuite.runs import Run, refuse_used, unwritable
from gansuite.settings import Precision, Strategy

if TYPE_CHECKING:
    from gansuite.domain import Domain
    from gansuite.training.calibration import Decision
    from gansuite.training.crew import Crew
    from gansuite.training.trainer import Outcome

FLAGS = {
    "steps": "training.steps",
    "batch_size": "training.batch_size",
    "seed": "training.seed",
    "strategy": "training.strategy",
    "devices": "training.devices",
    "precision": "training.precision",
    "keep": "training.keep",
    "evaluate_every": "training.evaluate_every",
}
"""Flags that are shorthands, and the settings they set (beside ``--data``)."""
_OWN = "plugin_flag_"
"""What the names of a plugin's own flags begin with among the arguments."""


class WithPluginFlags(click.Command):
    """A command that takes the flags of the plugin it is given beside its own, which come first."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_OWN] = _flags_of_named(args, self._valueless(ctx))
        return super().parse_args(ctx, args)

    def _valueless(self, ctx: click.Context) -> set[str]:
        """The options that no value follows."""
        options = [one for one in super().get_params(ctx) if isinstance(one, click.Option)]
        return {word for one in options if one.is_flag or one.count for word in one.opts}

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        taken = {word for parameter in own for word in parameter.opts}
        return own + [
            click.Option([f"--{name}", _OWN + name.replace("-", "_")], help=f"Short for --set {path}=….")
            for name, path in ctx.meta.get(_OWN, {}).items()
            if f"--{name}" not in taken
        ]


def _flags_of_named(words: Sequence[str], valueless: Collection[str]) -> Mapping[str, str]:
    resumed = [after for word, after in itertools.pairwise(words) if word == "--resume"]
    resumed += [word.partition("=")[2] for word in words if word.startswith("--resume=")]
    named_ones = [*_arguments(words, valueless)]
    with contextlib.suppress(GansuiteError):  # said when the option is read
        named_ones += [Run.open(Path(path)).plugin for path in resumed]
    named = announced_among(named_ones)
    return {} if named is None or named.plugin is None else named.plugin.flags


def _arguments(words: Sequence[str], valueless: Collection[str]) -> Iterator[str]:
    """Leave options and their values out of a command line; a plugin's own flags all have a value."""
    remaining = iter(words)
    for word in remaining:
        if not word.startswith("-"):
            yield word
        elif word.startswith("--") and "=" not in word and word not in valueless:
            next(remaining, None)


@click.command(cls=WithPluginFlags)
@click.argument("plugin", required=False, shell_complete=complete_plugin)
@click.option("--data", metavar="PATH|NAME", shell_complete=complete_data, help="What to learn from.")
@click.option("--out", metavar="RUN", type=GivenPath(), help="Where to put the run.")
@settings_options
@click.option("--steps", type=int, help="How many steps to train for.")
@click.option("--batch-size", type=int, help="Examples in a batch, over all devices.")
@click.option("--seed", type=int, help="Decides everything random.")
@click.option("--strategy", type=OneOf(get_args(Strategy)), help="Which devices to use.")
@click.option("--devices", type=int, help="How many devices to use; 0 is all.")
@click.option("--precision", type=OneOf(get_args(Precision)), help="Arithmetic of the layers.")
@click.option("--keep", type=int, help="How many of the newest checkpoints to keep.")
@click.option("--evaluate-every", type=int, help="Steps between two evaluations; 0 for none.")
@click.option("--resume", metavar="RUN", type=RunPath(), help="Go on with a run.")
@click.option("--dry-run", is_flag=True, help="Show the settings; train nothing.")
@json_option
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@verbose_option
@pass_screen
def train(
    screen: Screen,
    /,
    plugin: str | None,
    out: Path | None,
    preset: str | None,
    files: tuple[Path, ...],
    sets: tuple[str, ...],
    resume: Run | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **flags: Any,
) -> None:
    """Train a model: PLUGIN says which kind, `gansuite plugins list` which there are.

    Settings come from the plugin's defaults, then --preset, --config, --set and the flags, each over the ones
    before. Stopped by Ctrl-C, a run goes on with --resume, exactly where it was.
    """
    screen.prepare_tensorflow()
    announced = _plugin(plugin, out, resume)
    request = Request(preset=preset, files=files, assignments=sets, flags=_layers(announced, flags))
    config = compose(announced, request) if resume is None else compose_resumed(announced, resume, request)
    check_source(announced, config)
    for line in of_other_data(config, files):
        note(line)
    if out is not None:
        refuse_used(out)
    if dry_run:
        _show(announced, config, as_json)
        return
    config, decision = _decided(screen, announced, config)
    crew = _crew(screen, config)
    from gansuite.training.observers import default_observers
    from gansuite.training.session import train as train_session

    with crew.telling():
        if not crew.is_chief:
            _help(crew, announced, config)
            return
        with _run(announced, config, out, resume) as (run, domain), _stopped_at_once(run):
            if not quiet:
                note(f"training {announced.name} in {run.path}")
            if decision is not None:
                _record(run, decision, quiet=quiet)
            observers = default_observers(quiet=quiet, verbose=screen.verbose)
            text = to_toml(config, header=header(announced))
            outcome = train_session(run, domain, config.training, observers, crew, settings=text)
        following = run.resuming if outcome.reason == "interrupted" else _use(announced, run, domain)
        _finish(run, outcome, following, as_json=as_json, quiet=quiet)


def _plugin(name: str | None, out: Path | None, resume: Run | None) -> Plugin:
    if resume is None:
        if name is None:
            raise UsageError(
                "say which PLUGIN to train, or which run to --resume",
                hint="gansuite plugins list shows what there is",
            )
        return load(name)
    if out is not None:
        raise UsageError("a resumed run stays where it is: give --resume or --out, not both", where="--out")
    if name is not None and name != resume.plugin:
        raise RunError(f"is a run of plugin {resume.plugin}, not of {name}", where=str(resume.path))
    return load(resume.plugin)


def _layers(plugin: Plugin, flags: dict[str, Any]) -> list[Layer]:
    data = flags.pop("data")
    given = {name: value for name, value in flags.items() if value is not None}
    layers = [
        layered(FLAGS[name], given[name], f"--{name.replace('_', '-')}") for name in FLAGS if name in given
    ]
    for name, path in plugin.flags.items():
        value = given.get(_OWN + name.replace("-", "_"))
        if value is not None:
            layers.append(assignments([f"{path}={value}"], source=f"--{name}"))
    return layers if data is None else [data_layer(plugin, data), *layers]


def _show(plugin: Plugin, config: Any, as_json: bool) -> None:
    if as_json:
        results_json({**header(plugin), **to_mapping(config)})
    else:
        results(to_toml(config, header=header(plugin), comments=False).rstrip("\n"))


@contextlib.contextmanager
def _run(plugin: Plugin, config: Any, out: Path | None, resume: Run | None) -> Iterator[tuple[Run, Domain]]:
    """A run that no other process writes to, and its domain."""
    text = to_toml(config, header=header(plugin))
    if resume is not None:
        with resume.locked():
            yield resume, make_domain(plugin, config)
        return
    # The domain comes first: data that cannot be read leaves no run behind.
    domain = make_domain(plugin, config)
    run = Run.create(out, plugin.name, text)
    try:
        with run.locked():
            yield run, domain
    except BaseException as error:
        # Nor does anything else that comes before there is something to keep: the same --out can be given.
        if not (_holds_anything(run) or (isinstance(error, GansuiteError) and error.goes_on)):
            run.discard()
        raise


@contextlib.contextmanager
def _stopped_at_once(run: Run) -> Iterator[None]:
    """Say what remains of a run that a second Ctrl-C ended before its checkpoint."""
    try:
        yield
    except KeyboardInterrupt as error:
        if not _holds_anything(run):
            raise
        kept = "goes on from the newest checkpoint" if any(run.checkpoints.glob("step-*")) else "begins again"
        hint = f"next: {run.resuming} {kept}"
        raise Interrupted("stopped at once, without a checkpoint", where=str(run.path), hint=hint) from error


def _holds_anything(run: Run) -> bool:
    return run.metrics_file.exists() or any(run.checkpoints.glob("step-*"))


def _crew(screen: Screen, config: Any) -> Crew:
    """The workers that train together; they have to meet before anything else is done."""
    screen.import_tensorflow()
    from gansuite.training.cluster import named_workers
    from gansuite.training.crew import Crew, join

    training = config.training
    if training.strategy == "multiworker":
        return join(training.connect_minutes)
    named = named_workers(os.environ)
    if named > 1:
        note(
            f"the environment names {named} workers, each of which trains a run of its own; "
            "--strategy multiworker has them train one together"
        )
    return Crew()


def _decided(screen: Screen, plugin: Plugin, config: Any) -> tuple[Any, Decision | None]:
    """The settings with everything decided that they leave to this machine, and what was."""
    if config.training.precision != "auto":
        return config, None
    screen.import_tensorflow()
    from gansuite.training.calibration import decide

    decision = decide(plugin, config, note)
    training = dataclasses.replace(config.training, precision=decision.precision)
    return dataclasses.replace(config, training=training), decision


def _record(run: Run, decision: Decision, *, quiet: bool) -> None:
    if not quiet:
        note(decision.text)
    try:
        write_atomically(run.calibration_file, json.dumps(dataclasses.asdict(decision), indent=2) + "\n")
    except OSError as error:
        raise unwritable(run.calibration_file, error) from error


def _help(crew: Crew, plugin: Plugin, config: Any) -> None:
    """Train along with the chief, which has the run: nothing is kept here."""
    from gansuite.training.observers import Notes
    from gansuite.training.session import train as train_session

    note(f"helping as worker {crew.index} of {crew.count}; worker 0 has the run")
    domain = make_domain(plugin, config)
    with tempfile.TemporaryDirectory(prefix="gansuite-worker-") as folder:
        run = Run.create(Path(folder) / "run", plugin.name, to_toml(config, header=header(plugin)))
        outcome = train_session(run, domain, config.training, [Notes()], crew)
    if outcome.reason == "interrupted":
        raise Interrupted(f"stopped at step {outcome.step}", hint="worker 0 says how to go on")


def _use(plugin: Plugin, run: Run, domain: Domain) -> str:
    """What to type to see what was learned."""
    usual = "generate RUN" if "sample" in domain.endpoints() else "evaluate RUN"
    path = shlex.quote(str(run.path))
    return " ".join(
        ["gansuite", *(path if word == "RUN" else word for word in (plugin.use or usual).split())]
    )


def _finish(run: Run, outcome: Outcome, following: str, *, as_json: bool, quiet: bool) -> None:
    interrupted = outcome.reason == "interrupted"
    if as_json:
        results_json(
            {
                "run": str(run.path),
                "plugin": run.plugin,
                "step": outcome.step,
                "seconds": outcome.seconds,
                "reason": outcome.reason,
                "next": following,
            }
        )
    else:
        results(str(run.path))
    if interrupted:
        raise Interrupted(f"stopped at step {outcome.step}, after a checkpoint", hint=f"next: {following}")
    if not as_json and not quiet:
        note(f"next: {following}")
