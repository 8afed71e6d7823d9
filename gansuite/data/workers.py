"""Processes that read strangers' files, so that a file that crashes its reader costs that file only.

A worker is a bare Python process that imports one function and answers one file after another over its pipes.
It starts in about a tenth of a second, because it imports nothing else: no TensorFlow, no caller's script.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Protocol

from gansuite.data.room import Room

#: How many answers may wait for an earlier file's before the workers pause, and how many bytes of them:
#: bounds memory.
AHEAD = 256
MOST_HELD = 256 << 20
BOOT = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from gansuite.data.workers import serve
serve()"""


class Unusable(Exception):  # noqa: N818 - nothing went wrong: it says something about a file
    """Raised by a reader: this file cannot be used, for the reason given."""


@dataclass(frozen=True)
class Answer:
    """What became of one file: what the reader returned, or why it could not be read.

    Args:
        path: the file.
        facts: JSON-able part of the result.
        parts: binary parts of the result.
        reason: why there is no result; None where there is one.
    """

    path: Path
    facts: Any = None
    parts: Sequence[bytes] = ()
    reason: str | None = None


class Reader(Protocol):
    """What a worker runs: a module-level function of a path and the settings given to `read_all`."""

    def __call__(self, path: Path, settings: Any, /) -> tuple[Any, Sequence[bytes]]: ...


def read_all(
    reader: str,
    paths: Sequence[Path],
    settings: Mapping[str, Any],
    *,
    seconds: float = 20.0,
    memory: int = 4 << 30,
    processes: int | None = None,
) -> Iterator[Answer]:
    """Read files in worker processes.

    Args:
        reader: `module:function` of a `Reader`; its module should import little.
        paths: the files.
        settings: JSON-able; handed to the reader with every path.
        seconds: a file that takes longer is given up.
        memory: bytes of address space a worker may have, where the platform can limit it.
        processes: workers; as many as there are processors to use if None.

    Yields:
        An `Answer` for each path, in the order of `paths`. A file that is unusable, crashes its worker or
        takes too long has a reason in place of a result.

    Raises:
        RuntimeError: the reader itself does not start.
        Exception: any other that talking to a worker ended in.
    """
    count = max(1, min(processes or _processors(), len(paths)))
    boot = {"reader": reader, "settings": settings, "memory": memory}
    pool = _Pool(paths, boot, seconds, count)
    try:
        yield from pool.answers()
    finally:
        pool.stop()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Pool:
    """Some workers, a thread that feeds each, and one that watches the time they take."""

    def __init__(self, paths: Sequence[Path], boot: Mapping[str, Any], seconds: float, count: int) -> None:
        self._paths = paths
        self._seconds = seconds
        self._stopped = False
        self._order = iter(range(len(paths)))
        self._lock = threading.Lock()
        self._ahead = threading.Semaphore(AHEAD)
        self._room = Room(MOST_HELD)
        self._done: SimpleQueue[tuple[int, Answer | Exception]] = SimpleQueue()
        self._workers = [_Worker(boot) for _ in range(count)]
        self._threads = [
            threading.Thread(target=self._feed, args=(one,), daemon=True) for one in self._workers
        ]
        self._threads.append(threading.Thread(target=self._watch, daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped = True
        self._room.close()
        self._ahead.release(len(self._workers))
        for worker in self._workers:
            worker.stop()
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            worker.close()

    def answers(self) -> Iterator[Answer]:
        """Yield the answers in the order of the files.

        Raises:
            RuntimeError: the worker processes do not start.
            Exception: any other that talking to a worker ended in.
        """
        waiting: dict[int, Answer] = {}
        for index in range(len(self._paths)):
            while index not in waiting:
                number, answer = self._done.get()
                if isinstance(answer, _ReaderBrokenError):
                    raise RuntimeError(f"the worker processes do not start: {answer}") from answer
                if isinstance(answer, Exception):
                    raise answer
                waiting[number] = answer
            answer = waiting.pop(index)
            self._room.leave(index, _size(answer))
            self._ahead.release()
            yield answer

    def _feed(self, worker: _Worker) -> None:
        while self._ahead.acquire():
            with self._lock:
                index = next(self._order, None)
            if index is None or self._stopped:
                return
            path = self._paths[index]
            answer: Answer | Exception
            try:
                worker.deadline = time.monotonic() + self._seconds
                answer = worker.ask(path)
            except Exception as error:  # raised by `answers`: without an answer it would wait forever
                answer = error
            finally:
                worker.deadline = None
            if isinstance(answer, Answer):
                self._room.enter(index, _size(answer))
            self._done.put((index, answer))

    def _watch(self) -> None:
        while not self._stopped:
            time.sleep(0.05)
            for worker in self._workers:
                deadline = worker.deadline
                if deadline is not None and time.monotonic() > deadline:
                    worker.give_up()


def _size(answer: Answer) -> int:
    return sum(map(len, answer.parts))


def _import_path(reader: str) -> list[str]:
    """Where a bare process finds gansuite and the reader's package, however they were installed."""
    packages = ("gansuite", reader.partition(":")[0].partition(".")[0])
    homes = [Path(str(import_module(package).__file__)).resolve().parents[1] for package in packages]
    return [*dict.fromkeys(str(home) for home in homes), *sys.path]


class _ReaderBrokenError(Exception):
    pass


class _Worker:
    """One process, started again after it was lost."""

    def __init__(self, boot: Mapping[str, Any]) -> None:
        self.deadline: float | None = None
        self._boot = boot
        self._given_up = False
        self._ready = False
        self._stopped = False
        self._starting = threading.Lock()
        self._process = self._start()

    def ask(self, path: Path) -> Answer:
        self._given_up = False
        try:
            self._revive()
            if not self._ready:
                self._greet()
            _send(_whole(self._process.stdin), os.fspath(path))
            message, parts = _receive(_whole(self._process.stdout))
        except (OSError, EOFError):
            return Answer(path, reason=self._why_lost())
        return Answer(path, parts=parts, **message)

    def give_up(self) -> None:
        self.deadline = None
        self._given_up = True
        self._process.kill()

    def stop(self) -> None:
        with self._starting:
            self._stopped = True
            self._process.kill()

    def close(self) -> None:
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _revive(self) -> None:
        with self._starting:
            if self._stopped:
                raise EOFError
            if self._process.poll() is not None:
                self.close()
                self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self._ready = False
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", BOOT, json.dumps(_import_path(self._boot["reader"]))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Threads for arithmetic that readers do not do would cost a worker a third of its start.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        with suppress(OSError):  # noticed by `_greet`
            _send(_whole(process.stdin), self._boot)
        return process

    def _greet(self) -> None:
        message, _ = _receive(_whole(self._process.stdout))
        if message is not None:
            raise _ReaderBrokenError(message)
        self._ready = True

    def _why_lost(self) -> str:
        code = self._process.wait()
        if self._given_up:
            return "took too long to read"
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"crashed its reader ({name})"


def _whole(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EOFError
    return pipe


def _send(pipe: IO[bytes], message: Any, parts: Sequence[bytes] = ()) -> None:
    head = json.dumps([message, [len(part) for part in parts]]).encode()
    pipe.write(len(head).to_bytes(8, "little") + head)
    for part in parts:
        pipe.write(part)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> tuple[Any, Sequence[bytes]]:
    message, sizes = json.loads(_read(pipe, int.from_bytes(_read(pipe, 8), "little")))
    return message, [_read(pipe, size) for size in sizes]


def _read(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


def serve() -> None:
    """Be a worker: answer the paths that come on standard input until it closes."""
    questions = sys.stdin.buffer
    with _only_answers_on_stdout() as answers, suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        boot, _ = _receive(questions)
        try:
            reader = _load(boot["reader"])
        except Exception as error:  # told to the caller, who cannot see this process's traceback
            _send(answers, f"{type(error).__name__}: {error}")
            return
        _limit_memory(boot["memory"])
        _send(answers, None)
        while True:
            path, _ = _receive(questions)
            message, parts = _answer(reader, Path(path), boot["settings"])
            _send(answers, message, parts)


def _load(name: str) -> Reader:
    module, _, function = name.partition(":")
    reader: Reader = getattr(import_module(module), function)
    return reader


def _answer(reader: Reader, path: Path, settings: Any) -> tuple[dict[str, Any], Sequence[bytes]]:
    try:
        facts, parts = reader(path, settings)
    except Unusable as why:
        return {"reason": str(why)}, ()
    except OSError as error:
        return {"reason": f"cannot be opened ({error.strerror or error})"}, ()
    except MemoryError:
        return {"reason": "needs too much memory"}, ()
    except Exception as error:  # a file nobody thought of must not stop the others
        return {"reason": f"cannot be read ({type(error).__name__})"}, ()
    return {"facts": facts}, parts


@contextmanager
def _only_answers_on_stdout() -> Iterator[IO[bytes]]:
    """Keep the pipe for answers: what a reader prints, or a C library, must not get in between."""
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        yield answers


def _limit_memory(size: int) -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
