from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gansuite.data.workers import Answer, read_all

READER = """
import os, sys, time
from gansuite.data.workers import Unusable

def read(path, settings):
    name = path.name
    if name.startswith("crash"):
        os.abort()
    if name.startswith("exit"):
        os._exit(3)
    if name.startswith("sleep"):
        time.sleep(600)
    if name.startswith("greedy"):
        return None, [bytes(8 << 30)]
    if name.startswith("unusable"):
        raise Unusable("no use")
    if name.startswith("bug"):
        raise KeyError(name)
    if name.startswith("open"):
        path.read_bytes()
    print("noise on standard output")
    os.write(1, b"more noise")
    return {"name": name, "settings": settings}, [name.encode(), b""]
"""


@pytest.fixture
def readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "readers_of_test_workers.py").write_text(READER)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("readers_of_test_workers", None)


def read(*names: str, seconds: float = 60.0, processes: int | None = None) -> list[Answer]:
    paths = [Path(name) for name in names]
    return list(
        read_all("readers_of_test_workers:read", paths, {"a": 1}, seconds=seconds, processes=processes)
    )


@pytest.mark.usefixtures("readers")
def test_answers_come_in_order_whatever_a_reader_prints() -> None:
    names = [f"{number} é.mid" for number in range(700)]
    answers = read(*names, processes=3)
    assert [answer.path.name for answer in answers] == names
    assert answers[5].facts == {"name": "5 é.mid", "settings": {"a": 1}}
    assert list(answers[5].parts) == ["5 é.mid".encode(), b""]
    assert not [answer for answer in answers if answer.reason]


@pytest.mark.usefixtures("readers")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("crash", "crashed its reader (SIGABRT)"),
        ("exit", "crashed its reader (exit code 3)"),
        ("unusable", "no use"),
        ("bug", "cannot be read (KeyError)"),
        ("open", "cannot be opened (No such file or directory)"),
        ("greedy", "needs too much memory"),
    ],
)
def test_a_bad_file_costs_that_file_only(name: str, reason: str) -> None:
    if name in ("crash", "greedy") and os.name == "nt":
        pytest.skip("Windows has neither signals nor limits of address space")
    answers = read("a", name, "b", f"{name} again", "c", processes=1)
    assert [answer.reason for answer in answers] == [None, reason, None, reason, None]


@pytest.mark.usefixtures("readers")
def test_a_file_that_takes_too_long_is_given_up() -> None:
    begin = time.monotonic()
    answers = read("a", "sleep", "b", seconds=3.0, processes=1)
    assert [answer.reason for answer in answers] == [None, "took too long to read", None]
    assert time.monotonic() - begin < 300, "the reader would sleep for ten minutes"


@pytest.mark.usefixtures("readers")
def test_no_process_is_left_behind_when_the_caller_stops_early() -> None:
    answers = read_all("readers_of_test_workers:read", [Path("a")] * 1000, {}, processes=2)
    next(iter(answers))
    pool = answers.gi_frame.f_locals["pool"]  # type: ignore[attr-defined]
    processes = [worker._process for worker in pool._workers]
    answers.close()  # type: ignore[attr-defined]
    assert all(process.poll() is not None for process in processes)


def test_a_reader_that_does_not_start_is_an_error_not_a_bad_file() -> None:
    with pytest.raises(RuntimeError, match="do not start"):
        list(read_all("gansuite.data.workers:no_such_reader", [Path("a"), Path("b")], {}))


@pytest.mark.usefixtures("readers")
def test_nothing_to_read_gives_nothing() -> None:
    assert read() == []
