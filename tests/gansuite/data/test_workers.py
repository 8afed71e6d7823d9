from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gansuite.data import workers
from gansuite.data.workers import Answer, read_all

READER = """
import os, stat, sys, time
from gansuite.data.workers import Unusable

def is_pipe(fd):
    return stat.S_ISFIFO(os.fstat(fd).st_mode)

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
    if name.startswith("garbage"):
        # The pipe of answers is the only one beyond standard input, output and error.
        pipe = next(fd for fd in range(3, 100) if os.path.exists(f"/dev/fd/{fd}") and is_pipe(fd))
        os.write(pipe, (4).to_bytes(8, "little") + b"what")
    if name.startswith("large"):
        (path.parent / f"read {name}").touch()
        return None, [bytes(600)]
    if name.startswith("slow"):
        while not (path.parent / "read large 2").exists():
            time.sleep(0.01)
        time.sleep(0.3)  # enough for all the others, if they are read
        return sorted(file.name for file in path.parent.glob("read *")), [bytes(5000)]
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


@pytest.mark.usefixtures("readers")
def test_an_answer_that_cannot_be_understood_is_an_error_and_no_wait_for_ever() -> None:
    if not Path("/dev/fd").exists():
        pytest.skip("nothing here tells which pipe is for answers")
    with pytest.raises(ValueError, match="Expecting value"):
        read("a", "garbage", "b", processes=1)


@pytest.mark.usefixtures("readers")
def test_workers_pause_when_what_waits_for_an_earlier_file_is_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "MOST_HELD", 1000)
    names = ["slow", *(f"large {number}" for number in range(1, 10))]
    answers = read(*(str(tmp_path / name) for name in names), processes=2)
    # One waits in the queue, one in the hands of its thread; the first file is read all the same.
    assert answers[0].facts == ["read large 1", "read large 2"]
    assert [answer.path.name for answer in answers] == names
    assert [sum(map(len, answer.parts)) for answer in answers] == [5000, *[600] * 9]


@pytest.mark.usefixtures("readers")
def test_answers_larger_than_what_may_wait_come_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "MOST_HELD", 1)
    names = [f"large {number}" for number in range(300)]
    answers = read(*(str(tmp_path / name) for name in names), processes=3)
    assert [answer.path.name for answer in answers] == names
