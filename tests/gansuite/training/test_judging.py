"""Runs that are judged while they train, and the checkpoint that was best."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gansuite.config import from_mapping, to_toml
from gansuite.domain import Evaluation, Score
from gansuite.errors import ConfigError, RunError
from gansuite.runs import Run
from gansuite.settings import Training
from gansuite.training.checkpoints import Checkpoints
from gansuite.training.observers import Metrics, Observer
from gansuite.training.session import train
from gansuite.training.trained import load_trained
from ring import Ring, RingDomain

SHORT = Training(
    steps=20, batch_size=8, report_every=5, sample_every=100, checkpoint_every=100, strategy="one",
    keep=1, evaluate_every=5, evaluate_count=7, best="luck",
)  # fmt: skip
BASELINE = Score(name="luck of others", value=1.0, reference=None, meaning="")


class Lucky(RingDomain):
    """A ring whose scores are known in advance: by step 0, 5, 10, ..."""

    def __init__(
        self, config: Ring, values: Sequence[Any], better: Any = "lower", reference: Any = None
    ) -> None:
        super().__init__(config)
        self._values = iter(values)
        self._better = better
        self._reference = reference
        self.counts: list[int] = []

    def scores(self, evaluation: Evaluation) -> Sequence[Score]:
        self.counts.append(evaluation.count)
        value = next(self._values)
        if isinstance(value, Exception):
            raise value
        luck = Score(name="luck", value=value, reference=self._reference, meaning="", better=self._better)
        return [luck, BASELINE]


class Watcher(Observer):
    def __init__(self) -> None:
        self.judged: list[int] = []
        self.notes: list[str] = []

    def scores(self, step: int, scores: Sequence[Score]) -> None:
        self.judged.append(step)

    def note(self, message: str) -> None:
        self.notes.append(message)


def played(
    path: Path,
    values: Sequence[Any],
    *observers: Observer,
    kind: type[Lucky] = Lucky,
    domain: Any = None,
    **settings: Any,
) -> tuple[Run, Lucky]:
    """Train in a folder, from where it stands."""
    config = Ring(training=dataclasses.replace(SHORT, **settings))
    text = to_toml(config, header={"plugin": "ring", "api": 1}, comments=False)
    run = Run.open(path) if path.exists() else Run.create(path, "ring", text)
    lucky = kind(config, values, **(domain or {}))
    train(run, lucky, config.training, [Metrics(), *observers])
    return run, lucky


def kept(run: Run) -> list[int]:
    return Checkpoints(run.checkpoints).steps()


def test_a_run_is_judged_before_its_first_step_when_due_and_at_its_end(tmp_path: Path) -> None:
    watcher = Watcher()
    run, lucky = played(tmp_path / "run", [9, 8, 7, 6, 5], watcher, steps=18)
    assert watcher.judged == [0, 5, 10, 15, 18]
    assert lucky.counts == [7] * 5
    rows = [json.loads(line) for line in run.scores_file.read_text().splitlines()]
    assert [row["step"] for row in rows] == [0, 5, 10, 15, 18]
    assert rows[1]["scores"]["luck"] == {"value": 8.0, "reference": None}


def test_what_the_data_tells_is_made_once_in_a_run(tmp_path: Path) -> None:
    made = []

    class Comparing(Lucky):
        def scores(self, evaluation: Evaluation) -> Sequence[Score]:
            found = [evaluation.once(name, lambda name=name: made.append(name) or name) for name in "ab"]
            assert found == ["a", "b"]
            return super().scores(evaluation)

    played(tmp_path / "run", [9, 8, 7, 6, 5], kind=Comparing)
    assert made == ["a", "b"]


def test_a_run_that_is_not_judged_leaves_no_scores(tmp_path: Path) -> None:
    run, lucky = played(tmp_path / "run", [], evaluate_every=0, best="")
    assert lucky.counts == []
    assert not run.scores_file.exists()


@pytest.mark.parametrize(
    ("values", "domain", "best"),
    [
        ([0, 5, 1, 3, 2], {"better": "lower"}, 10),
        ([9, 5, 1, 3, 2], {"better": "higher"}, 5),
        ([0, 5, 1, 3, 2], {"better": "closer", "reference": 2.6}, 15),
        ([0, 2, 1, 1, 1], {"better": "lower"}, 10),
        ([0, 2, float("nan"), 1, 3], {"better": "lower"}, 15),
    ],
)
def test_the_best_checkpoint_stays_beside_the_newest(
    tmp_path: Path, values: list[float], domain: dict[str, Any], best: int
) -> None:
    run, lucky = played(tmp_path / "run", values, domain=domain)
    assert kept(run) == [20, best]
    opened = {
        which: load_trained(run, lucky, print, checkpoint=which).step for which in ("newest", "best", best)
    }
    assert opened == {"newest": 20, "best": best, best: best}


def test_a_damaged_best_makes_room_for_another(tmp_path: Path) -> None:
    run, _ = played(tmp_path / "run", [9, 1, 3, 3, 3])
    assert kept(run) == [20, 5]
    (run.checkpoints / "step-00000005" / "manifest.json").write_text(
        (run.checkpoints / "step-00000005" / "manifest.json").read_text().replace('"state.', '"stale.', 1)
    )
    watcher = Watcher()
    played(tmp_path / "run", [2, 4], watcher, steps=30)
    assert any("The best checkpoint, of step 5, is damaged" in note for note in watcher.notes)
    assert kept(run) == [30, 25]


def test_figures_of_other_counts_are_not_compared(tmp_path: Path) -> None:
    run, _ = played(tmp_path / "run", [9, 1, 3], steps=10)
    assert kept(run) == [10, 5]
    _, lucky = played(tmp_path / "run", [3, 2, 4], evaluate_count=70, steps=20)
    assert kept(run) == [20, 15]
    run.rewrite_config(to_toml(lucky.config, header={"plugin": "ring", "api": 1}, comments=False))
    assert load_trained(run, lucky, print, checkpoint="best").step == 15


def test_the_best_is_that_by_the_settings_of_the_run_however_it_is_judged_now(tmp_path: Path) -> None:
    run, lucky = played(tmp_path / "run", [0, 5, 1, 3, 2])
    now = Ring(training=dataclasses.replace(lucky.config.training, evaluate_count=70))
    assert load_trained(run, RingDomain(now), print, checkpoint="best").step == 10


def test_a_best_that_is_undefined_is_said_at_once(tmp_path: Path) -> None:
    watcher = Watcher()
    played(tmp_path / "run", [float("nan"), 1], watcher, steps=5)
    assert watcher.notes == ["luck is undefined so far: no checkpoint is the best by it"]


def test_the_best_stays_the_best_when_a_run_goes_on(tmp_path: Path) -> None:
    played(tmp_path / "run", [0, 1, 2], steps=10)
    run, _ = played(tmp_path / "run", [3, 4])
    assert kept(run) == [20, 5]
    run, _ = played(tmp_path / "run", [0.5], steps=21)
    assert kept(run) == [21]


def test_what_was_best_by_another_score_is_not_kept(tmp_path: Path) -> None:
    played(tmp_path / "run", [0, 1, 2], steps=10)
    run, _ = played(tmp_path / "run", [3, 4], best="")
    assert kept(run) == [20]


def test_without_a_best_one_the_best_cannot_be_opened(tmp_path: Path) -> None:
    run, lucky = played(tmp_path / "run", [0, 1, 2, 3, 4], best="")
    with pytest.raises(RunError, match="was not measured which checkpoint is best"):
        load_trained(run, lucky, print, checkpoint="best")


def test_a_step_without_a_checkpoint_is_named_with_those_there_are(tmp_path: Path) -> None:
    run, lucky = played(tmp_path / "run", [0, 1, 2, 3, 4])
    with pytest.raises(RunError, match="The checkpoint of step 7 cannot be read: it is not there") as caught:
        load_trained(run, lucky, print, checkpoint=7)
    assert "There are checkpoints of these steps: 20, 5." in str(caught.value)
    next((run.checkpoints / "step-00000020").glob("state*")).write_bytes(b"")
    with pytest.raises(RunError, match="The checkpoint of step 20 cannot be read: state") as caught:
        load_trained(run, lucky, print, checkpoint=20)
    assert "There are checkpoints of these steps: 5." in str(caught.value)


def test_a_resumed_run_forgets_the_scores_after_its_checkpoint(tmp_path: Path) -> None:
    whole, _ = played(tmp_path / "whole", [1, 2, 3, 4, 5])
    played(tmp_path / "run", [1, 2], steps=7, evaluate_every=5)
    run = Run.open(tmp_path / "run")
    with run.scores_file.open("a") as file:
        file.write('{"step": 10, "scores": {"luck": {"value": 0.5, "reference": null}}}\n{"st')
    lines = [line for line in run.scores_file.read_text().splitlines() if '"step": 7' not in line]
    run.scores_file.write_text("\n".join(lines))
    played(tmp_path / "run", [3, 4, 5])
    assert run.scores_file.read_text() == whole.scores_file.read_text()


@pytest.mark.parametrize(
    ("best", "hint"), [("lucky", "did you mean luck?"), ("luck of others", "known: luck")]
)
def test_a_figure_that_says_not_what_is_best_is_refused_before_the_first_step(
    tmp_path: Path, best: str, hint: str
) -> None:
    with pytest.raises(ConfigError, match="of which one value is better than another") as caught:
        played(tmp_path / "run", [0], best=best)
    assert hint in str(caught.value)
    assert kept(Run.open(tmp_path / "run")) == []


def test_a_figure_that_is_asked_for_later_is_looked_for_before_training_goes_on(tmp_path: Path) -> None:
    run, _ = played(tmp_path / "run", [0, 3, 4, 2, 1])
    before = kept(run)
    with pytest.raises(ConfigError, match="of which one value is better than another"):
        played(tmp_path / "run", [5], steps=30, best="lucky")
    assert kept(run) == before


def test_a_run_that_cannot_be_judged_does_not_begin(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        played(tmp_path / "run", [ZeroDivisionError()])
    assert kept(Run.open(tmp_path / "run")) == []


def test_an_evaluation_that_fails_later_does_not_cost_the_training(tmp_path: Path) -> None:
    watcher = Watcher()
    run, _ = played(tmp_path / "run", [0, 3, ZeroDivisionError("no luck"), 2, 4], watcher)
    [note] = watcher.notes
    assert note.startswith(f"No evaluation of step 10: ZeroDivisionError: no luck ({__file__}:")
    assert kept(run) == [20, 15]


def test_the_best_of_what_is_never_judged_is_refused() -> None:
    with pytest.raises(ConfigError, match="nothing is evaluated during training"):
        from_mapping(Training, {"steps": 5, "best": "FID"}, "my.toml")


def test_checkpoints_come_by_the_minute_too(tmp_path: Path) -> None:
    settings = {"evaluate_every": 0, "best": "", "report_every": 1, "keep": 99, "steps": 4}
    often, _ = played(tmp_path / "often", [], checkpoint_minutes=1e-9, **settings)
    assert kept(often) == [4, 3, 2, 1]
    by_steps, _ = played(tmp_path / "steps", [], checkpoint_minutes=0.0, **settings)
    assert kept(by_steps) == [4]
