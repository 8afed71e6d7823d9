"""A trained run, ready to be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from gansuite.client import Limits, Server
from gansuite.deterministic import keep_order
from gansuite.domain import Arrays, Domain
from gansuite.errors import CheckpointError, RunError, UsageError
from gansuite.game import Networks
from gansuite.precision import FULL, layer_precision, weight_dtype
from gansuite.runs import Run, Which
from gansuite.settings import Precision
from gansuite.training.answers import Answering, Answers
from gansuite.training.averages import assign, averaged, raw_variables
from gansuite.training.checkpoints import Checkpoints
from gansuite.training.merits import judged_by

_PATIENT = Limits()


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What a run learned, in float32 on one device or as a server answers.

    Attributes:
        run: its directory.
        domain: rebuilt from the run's settings.
        step: how long it was trained.
        answers: its endpoints.
    """

    run: Run
    domain: Domain
    step: int
    answers: Answering

    def call(self, endpoint: str, inputs: Arrays, *, batch: int = 64) -> dict[str, np.ndarray]:
        """Answer an endpoint; see `Answers.call`."""
        return self.answers.call(endpoint, inputs, batch=batch)

    @property
    def is_local(self) -> bool:
        """Whether its networks are here, not on a server."""
        return isinstance(self.answers, Answers)

    @property
    def local(self) -> Answers:
        """Its endpoints with the networks themselves.

        Raises:
            UsageError: a server answers.
        """
        if not isinstance(self.answers, Answers):
            raise UsageError("a server answers for it", where=str(self.run.path), hint="Leave --server out.")
        return self.answers

    def labels(self, label: str | None, count: int) -> dict[str, np.ndarray]:
        """Return the input `labels` of `sample`, where it has one.

        Args:
            label: name or number of a class; None for each seed's own.
            count: how many rows.

        Raises:
            UsageError: the run makes no classes, or not this one.
        """
        classes = self.domain.classes()
        if not classes:
            if label is not None:
                raise UsageError("this run makes no classes on demand", where="--label")
            return {}
        number = -1 if label is None else self._class(label, classes)
        return {"labels": np.full(count, number, np.int32)}

    def _class(self, label: str, classes: int) -> int:
        names = self.run.labels()
        if label in names:
            return names.index(label)
        if label.isdecimal() and int(label) < classes:
            return int(label)
        known = ", ".join(names) if names else f"0 to {classes - 1}"
        raise UsageError(f"the run never saw the label {label!r}", where="--label", hint=f"It knows {known}.")


def load_trained(
    run: Run, domain: Domain, note: Callable[[str], None], *, checkpoint: Which = "newest"
) -> Trained:
    """Rebuild a run's networks with the weights its endpoints use.

    Args:
        run: its directory.
        domain: made from the run's settings.
        note: is told of damaged checkpoints that were passed over.
        checkpoint: the newest one, that which is best by `training.best`, or that of a step.

    Raises:
        RunError: where there is no such checkpoint that can be read.
    """
    keep_order()
    own = run.config(type(domain.config))  # how it was judged, however it is judged now
    checkpoints = Checkpoints(run.checkpoints, best=own.training.best, by=judged_by(own))
    step = _chosen(run, checkpoints, checkpoint, note)
    networks = _built(domain, FULL)
    dtype = weight_dtype(domain.config.training.precision)
    kept = networks if dtype == FULL else _built(domain, dtype)
    averages = {name: raw_variables(kept[name]) for name in averaged(domain)}
    others = {name: raw_variables(net) for name, net in kept.items() if name not in averages}
    state = tf.train.Checkpoint(networks=others, averages=averages)
    try:
        checkpoints.read(state, step, partial=True)
    except CheckpointError:
        if checkpoint != "newest" or checkpoints.path(step).exists():
            raise
        # A run under way has removed it meanwhile, and has a newer one.
        step = _chosen(run, checkpoints, checkpoint, note)
        checkpoints.read(state, step, partial=True)
    if kept is not networks:
        for name, network in networks.items():
            assign(network, raw_variables(kept[name]))
    return Trained(run=run, domain=domain, step=step, answers=Answers(domain, networks))


def served_trained(run: Run, domain: Domain, url: str, limits: Limits = _PATIENT) -> Trained:
    """Return a run that a server answers for, which needs none of its checkpoints.

    Args:
        run: its directory.
        domain: made from the run's settings.
        url, limits: see `gansuite.client.Server`.
    """
    steps = Checkpoints(run.checkpoints).steps()
    step = steps[0] if steps else domain.config.training.steps
    answers = Server(url, run.plugin, endpoints=domain.endpoints(), limits=limits)
    return Trained(run=run, domain=domain, step=step, answers=answers)


def _chosen(run: Run, checkpoints: Checkpoints, wanted: Which, note: Callable[[str], None]) -> int:
    if wanted == "newest":
        step, damaged = checkpoints.newest_sound()
        for line in damaged:
            note(line)
        if step is None:
            raise RunError(
                "This run has no checkpoint that can be read.",
                where=str(run.path),
                hint=f"Train it again: {run.anew}" if damaged else f"Train it first: {run.resuming}",
            )
        return step
    step = checkpoints.best() if wanted == "best" else wanted
    if step is None:
        hint = "A run that is trained with training.evaluate_every and training.best keeps its best one."
        raise RunError("It was not measured which checkpoint is best.", where=str(run.path), hint=hint)
    problem = checkpoints.damage(step)
    if problem is not None:
        others = ", ".join(str(one) for one in checkpoints.steps() if one != step) or "none"
        hint = f"There are checkpoints of these steps: {others}."
        raise RunError(
            f"The checkpoint of step {step} cannot be read: {problem}.", where=str(run.path), hint=hint
        )
    return step


def _built(domain: Domain, precision: Precision) -> Networks:
    with layer_precision(precision):
        return domain.networks()
