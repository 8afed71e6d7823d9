"""What waits for its turn is bounded, and nothing waits for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing

import numpy as np

from gansuite.data.room import Room

SHORT = 0.1
LONG = 60.0


def test_what_does_not_fit_waits_until_something_leaves() -> None:
    with ThreadPoolExecutor() as pool, closing(Room(1000)) as room:
        room.enter(1, 600)
        late = pool.submit(room.enter, 2, 600)
        assert wait([late], SHORT).not_done
        room.enter(0, 0)
        room.leave(0, 0)
        assert wait([late], SHORT).not_done
        room.leave(1, 600)
        late.result(LONG)


def test_the_one_whose_turn_it_is_enters_a_full_room() -> None:
    with ThreadPoolExecutor() as pool, closing(Room(1000)) as room:
        room.enter(1, 1000)
        pool.submit(room.enter, 0, 10**9).result(LONG)
        next_one = pool.submit(room.enter, 2, 5000)
        room.leave(0, 10**9)
        assert wait([next_one], SHORT).not_done
        room.leave(1, 1000)
        next_one.result(LONG)


def test_a_closed_room_holds_nobody_back() -> None:
    with ThreadPoolExecutor() as pool, closing(Room(1)) as room:
        waiting = pool.submit(room.enter, 2, 600)
        assert wait([waiting], SHORT).not_done
        room.close()
        waiting.result(LONG)
        pool.submit(room.enter, 3, 600).result(LONG)


def test_no_more_is_held_than_allowed_and_all_get_through() -> None:
    sizes = np.random.default_rng(0).choice([0, 10, 400, 2000], 2000).tolist()
    room, order, lock = Room(1000), iter(range(len(sizes))), threading.Lock()
    ready = [threading.Event() for _ in sizes]
    held: list[int] = []

    def begin_in_order() -> None:
        while True:
            with lock:
                number = next(order, None)
            if number is None:
                return
            room.enter(number, sizes[number])
            ready[number].set()

    with ThreadPoolExecutor(5) as pool, closing(room):
        threads = [pool.submit(begin_in_order) for _ in range(5)]
        for number, size in enumerate(sizes):
            assert ready[number].wait(LONG)
            held.append(sum(n for n, entered in zip(sizes, ready, strict=True) if entered.is_set()))
            room.leave(number, size)
        for thread in threads:
            thread.result(LONG)
    gone = [sum(sizes[:number]) for number in range(len(sizes))]
    # Beyond what is allowed there is only the one whose turn it is.
    assert all(now - then <= 1000 + max(sizes) for now, then in zip(held, gone, strict=True))
