"""Phases are laid over a run."""

from __future__ import annotations

from typing import Any

import pytest

from gansuite.errors import ConfigError, PluginError
from gansuite.game import Phase, Player, spans, unreached
from gansuite.settings import Optimizer


def player(name: str = "generator", **changes: Any) -> Player:
    given: dict[str, Any] = {
        "trains": ("generator",), "loss": lambda turn: {}, "optimizer": Optimizer(learning_rate=1.0),
    }  # fmt: skip
    return Player(name=name, **{**given, **changes})


def phase(name: str, steps: int | None, *rounds: int) -> Phase:
    players = tuple(player(str(number), rounds=count) for number, count in enumerate(rounds or (1,)))
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


def test_a_run_beyond_phases_that_all_have_lengths_is_refused_with_what_they_have() -> None:
    phases = phase("content", 30), phase("play", 20)
    assert laid(50, *phases) == [("content", 0, 30), ("play", 30, 50)]
    with pytest.raises(ConfigError) as caught:
        laid(51, *phases)
    assert str(caught.value) == (
        "training.steps: is 51, more than the phases have: content 30, play 20\n"
        "  Ask for 50 at most: --steps 50."
    )


def test_a_domain_without_phases_is_refused() -> None:
    with pytest.raises(PluginError, match=r"phases\(\): there are none"):
        laid(50)


def test_a_player_that_trains_nothing_is_refused() -> None:
    with pytest.raises(PluginError, match="player critic: trains nothing"):
        player("critic", trains=())


@pytest.mark.parametrize("rounds", [0, -1])
def test_a_player_that_never_moves_is_refused(rounds: int) -> None:
    with pytest.raises(PluginError, match=f"player critic: has {rounds} rounds"):
        player("critic", rounds=rounds)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"players": ()}, "has no players"),
        ({"players": (player("one"), player("two"), player("one"))}, "two players are called one"),
        ({"steps": -1}, "has -1 steps"),
    ],
)
def test_a_phase_that_nobody_can_play_is_refused(changes: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"players": (player(),), **changes}
    with pytest.raises(PluginError, match=f"phase play: {message}"):
        Phase(name="play", **given)
