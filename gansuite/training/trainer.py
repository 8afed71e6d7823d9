"""The shared loop: plays a domain's phases, and stops to report, to draw and to keep."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import tensorflow as tf

from gansuite.domain import Domain, Examples
from gansuite.errors import CheckpointError, DivergenceError, RunError
from gansuite.game import Phase, unreached
from gansuite.origin import said
from gansuite.runs import Run
from gansuite.settings import Training
from gansuite.training.checkpoints import Checkpoints
from gansuite.training.compiled import CompiledPhase
from gansuite.training.crew import Crew
from gansuite.training.judging import Judge
from gansuite.training.keeper import Keeper
from gansuite.training.memory import resident
from gansuite.training.merits import Merit, judged_by
from gansuite.training.observers import Observer, Report, Session
from gansuite.training.signals import StopRequest
from gansuite.training.sketch import Sketch
from gansuite.training.snapshot import Snapshot
from gansuite.training.soundness import diverged, unsound_weight
from gansuite.training.state import build_state
from gansuite.training.stopwatch import Stopwatch
from gansuite.training.stream import distributed_stream

# How long one compiled call should take: short enough to answer Ctrl-C, long enough to keep Python away.
_SECONDS_PER_CALL = 0.5


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a sitting of training ended: at which step, after how long, and why."""

    step: int
    seconds: float
    reason: Literal["done", "interrupted"]


class Trainer:
    """One sitting of training of one run.

    Args:
        run: where everything is kept.
        domain: what is trained.
        training: how.
        strategy: on which devices.
        observer: is told what happens.
        crew: the workers that train it together, of which the chief alone draws, judges and writes.
    """

    def __init__(
        self, *, run: Run, domain: Domain, training: Training, strategy: tf.distribute.Strategy,
        observer: Observer, crew: Crew,
    ) -> None:  # fmt: skip
        self._run = run
        self._domain = domain
        self._training = training
        self._strategy = strategy
        self._observer = observer
        self._crew = crew
        self._stopped = self._overdue = False
        self.examples: Examples = domain.examples("train")
        self._state = build_state(domain, training, strategy, self.examples)
        self._sketch: Sketch | None = None
        self._judge: Judge | None = None
        if crew.is_chief:
            snapshot = Snapshot(domain, self._state.networks, self._state.averages)
            self._sketch = Sketch(domain, snapshot, run.samples)
            self._judge = Judge(domain, snapshot, training)
        by = judged_by(domain.config)
        self._checkpoints = Checkpoints(run.checkpoints, training.keep, training.best, by)
        self._keeper = Keeper(self._checkpoints, observer.checkpoint)
        self._kept_at: int | None = None
        self._kept_when = time.monotonic()
        self._pace = 1
        self._watch = Stopwatch()
        self._reported = 0

    def restore(self) -> int:
        """Go back to the newest sound checkpoint, or stay at the start; the step that is."""
        if self._crew.is_chief:
            self._read_newest()
        self._crew.share(self._state.variables())
        return self._step()

    def _read_newest(self) -> None:
        step, damaged = self._checkpoints.newest_sound()
        for line in damaged:
            self._observer.note(line)
        if step is not None:
            self._checkpoints.read(self._state.checkpoint, step)
            self._kept_at = step
            self._set_damaged_aside(step)
        elif damaged:
            raise RunError(
                "No checkpoint of this run can be read.",
                where=str(self._run.checkpoints),
                hint=f"Start a new run with its settings: {self._run.anew}",
            )

    def _set_damaged_aside(self, sound: int) -> None:
        """Let no damaged checkpoint count, as one of the newest or as the best one."""
        for step in self._checkpoints.steps():
            if step > sound:
                self._checkpoints.set_aside(step)
        best = self._checkpoints.best()
        if best is None or best == sound:
            return
        problem = self._checkpoints.damage(best)
        if problem is not None:
            self._observer.note(f"The best checkpoint, of step {best}, is damaged ({problem}).")
            self._checkpoints.set_aside(best)

    def train(self, stop: StopRequest) -> Outcome:
        """Train to the end, or until asked to stop.

        Raises:
            DivergenceError: a term became infinite or not a number.
            CheckpointError: a checkpoint could not be written.
        """
        begun = self._step()
        self._observer.start(
            Session(run=self._run, step=begun, steps=self._training.steps, domain=self._domain)
        )
        self._watch.begin()
        if begun == 0:
            self._draw(0)
            self._evaluate(0)
        elif begun < self._training.steps and self._training.best and self._checkpoints.best() is None:
            self._find_best_score()
        self._kept_when = time.monotonic()
        with self._keeper:
            for phase, first, end, compiled in self._state.phases:
                if self._step() < end and not self._stopped:
                    self._train_phase(phase, first, end, compiled, stop)
            return self._finish()

    def _train_phase(
        self, phase: Phase, first: int, end: int, compiled: CompiledPhase, stop: StopRequest
    ) -> None:
        if self._agreed_to_stop(stop):  # before what may take minutes
            return
        done = self._batches_before(first) + (self._step() - first) * phase.rounds
        batches = iter(distributed_stream(self._strategy, self.examples, self._training, first_batch=done))
        with self._watch.compiled():
            self._observer.compiling(phase.name)
            compiled.compile(batches)
            self._observer.compiled(phase.name)
        self._reported = self._step()
        self._watch.start()
        compiled.begin(first)
        while self._step() < end and not self._agreed_to_stop(stop):
            self._play(compiled, batches, min(self._pace, self._next_stop(end) - self._step()))
            with self._keeping_what_is_learned():
                self._look(compiled, end)

    @contextlib.contextmanager
    def _keeping_what_is_learned(self) -> Iterator[None]:
        """Write a checkpoint where something beside the mathematics fails, between two steps."""
        try:
            yield
        except (DivergenceError, CheckpointError):
            raise
        except Exception:
            with contextlib.suppress(Exception):
                self._keep()
            raise

    def _agreed_to_stop(self, stop: StopRequest) -> bool:
        """Agree with all workers on what each would decide by itself: a signal reaches one alone."""
        asked, pace, overdue = self._crew.total(bool(stop), self._pace, self._kept_long_ago())
        self._stopped, self._overdue = asked > 0, overdue > 0
        self._pace = max(1, int(pace / self._crew.count))
        return self._stopped

    def _play(self, compiled: CompiledPhase, batches: Any, count: int) -> None:
        begun = time.monotonic()
        if not compiled.run(batches, count):
            raise diverged(self._run.path, compiled.last(), self._step(), self._after_divergence())
        took = (time.monotonic() - begun) / count
        self._pace = max(1, min(2 * self._pace, int(_SECONDS_PER_CALL / max(took, 1e-6))))

    def _next_stop(self, end: int) -> int:
        step, training = self._step(), self._training
        periods = (
            training.report_every, training.sample_every, training.checkpoint_every, training.evaluate_every,
        )  # fmt: skip
        return min(end, *(step - step % period + period for period in periods if period))

    def _look(self, compiled: CompiledPhase, end: int) -> None:
        """Report, draw, judge and keep, in this order: what a checkpoint counts as reported was reported.

        Where one of them fails, what was learned is kept all the same; the report that comes next is of the
        steps before as well.
        """
        with self._watch.stopped():
            self._keeper.look()
        step, training = self._step(), self._training
        last = step == training.steps
        if _due(step, training.report_every) or step == end:
            self._report(compiled)
            # A run that ends between two reports may be continued: its sums go on.
            if _due(step, training.report_every):
                compiled.begin_anew()
        if _due(step, training.sample_every) or last:
            self._draw(step)
        merit = self._evaluate(step) if _due(step, training.evaluate_every) or last else None
        best = merit is not None and self._is_best(merit)
        if best or _due(step, training.checkpoint_every) or last or self._overdue:
            self._keep(merit)

    def _report(self, compiled: CompiledPhase) -> None:
        step, batch = self._step(), self._training.batch_size
        before, self._reported = self._batches_before(self._reported), step
        report = Report(
            step=step,
            steps=self._training.steps,
            phase=self._phase_name(step),
            terms=compiled.means(),
            examples_seen=self._batches_before(step) * batch,
            examples_per_second=(self._batches_before(step) - before) * batch / max(self._watch.lap(), 1e-9),
            seconds=self._watch.seconds,
            compiling=self._watch.compiling,
            memory=resident(),
        )
        self._observer.report(report)

    def _draw(self, step: int) -> None:
        if self._sketch is None:
            return
        with self._watch.stopped():
            try:
                self._observer.samples(step, self._sketch.draw(step))
            except Exception as error:  # A picture that cannot be drawn must not cost the training.
                self._observer.note(f"No samples of step {step}: {said(error)}")

    def _evaluate(self, step: int) -> Merit | None:
        """Judge the run, where that is asked for; how good it is."""
        if self._judge is None or not self._training.evaluate_every:
            return None
        with self._watch.stopped():
            try:
                scores = self._judge.judge()
            except Exception as error:
                if step == 0:  # It would fail every time, and the first is before the first step.
                    raise
                self._observer.note(f"No evaluation of step {step}: {said(error)}")
                return None
            self._observer.scores(step, scores)
        merit = self._judge.merit(scores)
        if merit is None and self._training.best and step == 0:
            self._observer.note(f"{self._training.best} is undefined so far: no checkpoint is the best by it")
        return merit

    def _find_best_score(self) -> None:
        """Have it said before hours are spent that there is no score by which the best is to be known."""
        if self._judge is not None:
            self._judge.judge()

    def _is_best(self, merit: Merit) -> bool:
        with self._watch.stopped():
            self._keeper.settle()
        step = self._checkpoints.best(until=self._step())
        best = None if step is None else self._checkpoints.merit(step)
        return best is None or merit.distance < best.distance

    def _kept_long_ago(self) -> bool:
        minutes = self._training.checkpoint_minutes
        return bool(minutes) and time.monotonic() - self._kept_when >= 60 * minutes

    def _keep(self, merit: Merit | None = None) -> None:
        step = self._step()
        if self._kept_at == step:
            return
        self._check_weights()
        if self._crew.is_chief:
            with self._watch.stopped():
                self._keeper.keep(self._state.checkpoint, step, merit)
        self._kept_at, self._kept_when = step, time.monotonic()

    def _finish(self) -> Outcome:
        self._keep()
        self._keeper.settle()
        step = self._step()
        reason: Literal["done", "interrupted"] = "done" if step >= self._training.steps else "interrupted"
        left = unreached([phase for phase, *_ in self._state.phases], step)
        if reason == "done" and left is not None:
            self._observer.note(left)
        self._observer.end(reason)
        # The others wait until the chief has written everything.
        hint = "They no longer train one run: go on from a checkpoint before the last."
        self._crew.compare("end", lambda: {"the hash of what was learned": self._learned()}, hint)
        return Outcome(step=step, seconds=self._watch.seconds, reason=reason)

    def _learned(self) -> str:
        """A hash of what a checkpoint holds, but what a worker follows by itself, rounded as it rounds."""
        digest = hashlib.sha256()
        for variable in self._state.variables():
            if variable.aggregation == tf.VariableAggregation.ONLY_FIRST_REPLICA:
                continue
            digest.update(tf.convert_to_tensor(variable).numpy().tobytes())
        return digest.hexdigest()

    def _check_weights(self) -> None:
        unsound = unsound_weight(self._state.networks)
        if unsound is not None:
            what = f"{unsound} is not finite after step {self._step()}."
            raise DivergenceError(what, where=str(self._run.path), hint=self._after_divergence())

    def _after_divergence(self) -> str:
        with contextlib.suppress(CheckpointError):
            self._keeper.settle()
        steps = self._checkpoints.steps()
        kept = f"The checkpoint of step {steps[0]} is kept. " if steps else ""
        return f"{kept}Try a smaller learning rate, or another seed."

    def _step(self) -> int:
        return int(self._state.step.numpy())

    def _batches_before(self, step: int) -> int:
        return sum(
            phase.rounds * (min(step, end) - first)
            for phase, first, end, _ in self._state.phases
            if step > first
        )

    def _phase_name(self, step: int) -> str:
        return next(phase.name for phase, first, end, _ in self._state.phases if first < step <= end)


def _due(step: int, period: int) -> bool:
    return bool(period) and step % period == 0
