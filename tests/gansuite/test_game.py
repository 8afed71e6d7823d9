"""Phases are laid over a run."""

from __future__ import annotations

import pytest

from gansuite.errors import PluginError
from gansuite.game import Phase, Player, spans, unreached
from gansuite.settings import Optimizer


def phase(name: str, steps: int | None, *rounds: int) -> Phase:
    players = tuple(
        Player(
            name=str(number),
            trains=(),
            loss=lambda turn: {},
            optimizer=Optimizer(learning_rate=1.0),
            rounds=count,
        )
        for number, count in enumerate(rounds or (1,))
    )
    return Phase(name=name, players=players, steps=steps)


def laid(steps: int, *phases: Phase) -> list[tuple[str, int, int]]:
    return [(phase.name, first, end) for phase, first, end in spans(phases, steps)]


def test_a_phase_without_a_length_takes_what_the_others_leave() -> None:
    phases = phase("content", 30), phase("encode", 20), phase("play", None)
    assert laid(100, *phases) == [("content", 0, 30), ("encode", 30, 50), ("play", 50, 100)]


def test_a_run_that_is_trained_further_never_comes_back_to_a_phase() -> None:
    with pytest.raises(PluginError, match="only the last phase"):
        laid(100, phase("play", None), phase("encode", 20))


def test_a_short_run_ends_within_its_phases() -> None:
    assert laid(20, phase("content", 30), phase("play", None)) == [("content", 0, 20), ("play", 20, 20)]


def test_it_is_told_where_a_run_stopped_before_its_last_phase() -> None:
    phases = phase("content", 30), phase("play", None)
    said = unreached(phases, 30)
    assert said is not None
    assert said.startswith("the run stopped at step 30, in phase content: play, which comes after step 30,")
    assert unreached(phases, 31) is None
    assert unreached(phases[1:], 0) is None
    assert unreached((phase("content", 0), phase("play", None)), 0) is None


def test_a_step_draws_as_many_batches_as_the_largest_rounds() -> None:
    assert phase("play", None, 5, 1, 2).rounds == 5
