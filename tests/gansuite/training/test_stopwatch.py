"""Time is told apart by what it went into."""

from __future__ import annotations

from gansuite.training.stopwatch import Stopwatch


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def test_a_lap_is_what_was_spent_on_training() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    clock.wait(7)
    watch.begin()
    clock.wait(1)
    with watch.compiled():
        clock.wait(20)
    watch.start()
    clock.wait(3)
    with watch.stopped():
        clock.wait(40)
    clock.wait(2)
    assert watch.lap() == 5
    clock.wait(4)
    assert watch.lap() == 4
    assert (watch.seconds, watch.compiling) == (70, 20)
    watch.begin()
    assert (watch.seconds, watch.compiling, watch.lap()) == (0, 0, 0)
