"""The prepare-once cache: whole or not at all, shared by processes, small in memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gansuite.data.cache import Cache, CacheWriter, prepare
from gansuite.data.fingerprint import fingerprint
from gansuite.errors import DataError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANSUITE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def write_squares(writer: CacheWriter) -> None:
    writer.append("squares", np.arange(6, dtype=np.float32).reshape(3, 2) ** 2)
    writer.append("squares", np.full((1, 2), 9, np.float32))
    writer.append("labels", np.array([3, 1], np.int32))
    writer.info["skipped"] = [["bad.png", "is empty"]]


def never(_: CacheWriter) -> None:
    raise AssertionError("prepared again")


def in_a_process(code: str, *args: str, **more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *args], text=True, stderr=subprocess.PIPE, **more
    )


def until(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.01)


def test_what_was_appended_is_read_back_in_any_order() -> None:
    squares = prepare("test", {"a": 1}, write_squares).arrays["squares"]
    assert squares.shape == (4, 2)
    assert squares.read(np.array([[3, 0], [2, 2]])).tolist() == [[[9, 9], [0, 1]], [[16, 25], [16, 25]]]


def test_preparing_happens_once_for_a_key() -> None:
    first = prepare("test", {"a": 1, "b": [2]}, write_squares)
    second = prepare("test", {"b": [2], "a": 1}, never)
    assert second.folder == first.folder
    assert second.info == {"skipped": [["bad.png", "is empty"]]}
    with pytest.raises(AssertionError, match="prepared again"):
        prepare("test", {"a": 2, "b": [2]}, never)


def test_an_array_without_rows_can_be_kept() -> None:
    cache = prepare("test", {}, lambda writer: writer.append("none", np.zeros((0, 4), np.uint8)))
    assert cache.arrays["none"].read(np.zeros(0, np.int64)).shape == (0, 4)


@pytest.mark.parametrize("index", [-1, 4])
def test_a_row_that_is_not_there_is_an_error(index: int) -> None:
    squares = prepare("test", {}, write_squares).arrays["squares"]
    with pytest.raises(IndexError):
        squares.read(np.array([0, index]))


@pytest.mark.parametrize(
    "rows", [np.zeros((1, 3), np.float32), np.zeros((1, 2), np.float64), np.array([[object(), object()]])]
)
def test_rows_unlike_the_ones_before_are_refused(rows: np.ndarray) -> None:
    def write(writer: CacheWriter) -> None:
        writer.append("squares", np.zeros((1, 2), np.float32))
        writer.append("squares", rows)

    with pytest.raises(ValueError, match="squares"):
        prepare("test", {}, write)


def test_reading_is_a_graph_function_of_known_shape() -> None:
    import tensorflow as tf

    squares = prepare("test", {}, write_squares).arrays["squares"]

    @tf.function(input_signature=[tf.TensorSpec([3], tf.int64)])
    def gathered(indices: tf.Tensor) -> tf.Tensor:
        rows = squares.gather(indices)
        assert rows.shape == (3, 2)
        assert rows.dtype == tf.float32
        return rows

    assert gathered(tf.constant([1, 3, 1], tf.int64)).numpy().tolist() == [[4, 9], [9, 9], [4, 9]]


def test_a_truncated_file_is_noticed_and_prepared_again(capsys: pytest.CaptureFixture[str]) -> None:
    folder = prepare("test", {}, write_squares).folder
    with (folder / "squares.bin").open("r+b") as file:
        file.truncate(31)
    with pytest.raises(DataError, match="damaged"):
        Cache(folder)
    assert prepare("test", {}, write_squares).arrays["squares"].shape == (4, 2)
    assert "preparing it again" in capsys.readouterr().err


def test_a_damaged_index_is_noticed_and_prepared_again() -> None:
    folder = prepare("test", {}, write_squares).folder
    (folder / "index.json").write_text("{")
    assert prepare("test", {}, write_squares).arrays["squares"].shape == (4, 2)


def test_an_error_while_preparing_leaves_nothing(home: Path) -> None:
    def fail(writer: CacheWriter) -> None:
        write_squares(writer)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare("test", {}, fail)
    assert [path.suffix for path in (home / "prepared").iterdir()] in ([], [".lock"])
    assert prepare("test", {}, write_squares).arrays["squares"].shape == (4, 2)


PREPARE_SLOWLY = """
    import sys, time
    from pathlib import Path
    import numpy as np
    from gansuite.data.cache import prepare

    started, go_on = map(Path, sys.argv[1:])

    def write(writer):
        writer.append("ones", np.ones(4, np.uint8))
        started.touch()
        while not go_on.exists():
            time.sleep(0.01)
        writer.append("ones", np.ones(4, np.uint8))

    prepare("slow", {}, write)
"""


def test_interrupted_preparation_leaves_nothing_half_usable(tmp_path: Path, home: Path) -> None:
    for stop in (signal.SIGINT, signal.SIGKILL):
        started = tmp_path / f"started-{stop}"
        process = in_a_process(PREPARE_SLOWLY, str(started), str(tmp_path / "never"))
        until(started)
        process.send_signal(stop)
        process.communicate()
        assert process.returncode != 0
        assert not [path for path in (home / "prepared").iterdir() if (path / "index.json").exists()]
    cache = prepare("slow", {}, lambda writer: writer.append("ones", np.ones(2, np.uint8)))
    assert cache.arrays["ones"].shape == (2,)
    assert not list((home / "prepared").glob("*.partial"))


def test_two_processes_prepare_the_same_thing_once(tmp_path: Path) -> None:
    go_on = tmp_path / "go-on"
    first = in_a_process(PREPARE_SLOWLY, str(tmp_path / "first"), str(go_on))
    until(tmp_path / "first")
    second = in_a_process(PREPARE_SLOWLY, str(tmp_path / "second"), str(go_on))
    assert second.stderr is not None
    assert "waiting" in second.stderr.readline()
    go_on.touch()
    first.communicate()
    second.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    assert not (tmp_path / "second").exists()
    assert prepare("slow", {}, never).arrays["ones"].shape == (8,)


def test_a_home_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GANSUITE_HOME", str(tmp_path / "file"))
    with pytest.raises(DataError, match="GANSUITE_HOME") as caught:
        prepare("test", {}, write_squares)
    assert str(tmp_path / "file") in str(caught.value)


def test_a_full_disk_is_named_and_leaves_nothing(home: Path) -> None:
    code = """
        import resource, signal
        import numpy as np
        from gansuite.data.cache import prepare
        from gansuite.errors import DataError

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))  # writes beyond fail as on a full disk
        try:
            prepare("big", {}, lambda writer: writer.append("zeros", np.zeros(3 << 20, np.uint8)))
        except DataError as error:
            raise SystemExit(str(error))
    """
    process = in_a_process(code)
    _, message = process.communicate()
    assert process.returncode == 1
    assert str(home / "prepared") in message
    assert "GANSUITE_HOME" in message
    assert not [path for path in (home / "prepared").iterdir() if path.is_dir()]


MEASURE = """
    import json, resource, sys
    import numpy as np
    import tensorflow as tf
    from gansuite.data.cache import prepare

    rows = int(sys.argv[1])
    def write(writer):
        for start in range(0, rows, 1000):
            writer.append("pictures", np.full((1000, 32, 32, 3), start % 251, np.uint8))

    array = prepare("memory", {"rows": rows}, write).arrays["pictures"]
    total = tf.function(lambda i: tf.reduce_sum(tf.cast(array.gather(i)[:, 0, 0, 0], tf.int64)))
    order = np.random.default_rng(0).permutation(rows)
    seen = sum(int(total(tf.constant(order[i : i + 500]))) for i in range(0, rows, 500))
    assert seen == sum(1000 * (start % 251) for start in range(0, rows, 1000))
    print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss), file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is measured the Linux way")
def test_memory_does_not_grow_with_the_size_of_the_data() -> None:
    def peak(rows: int) -> int:
        process = in_a_process(MEASURE, str(rows), env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
        _, errors = process.communicate()
        assert process.returncode == 0, errors
        return int(json.loads(errors.splitlines()[-1]))

    assert peak(100_000) < 1.1 * peak(10_000)  # 307 MB against 31 MB


def test_a_fingerprint_follows_names_sizes_and_times(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "1.png").write_bytes(b"one")
    before = fingerprint(folder)
    assert (before["files"], before["bytes"]) == (1, 3)
    assert fingerprint(folder.rename(tmp_path / "moved")) == before
    os.utime(tmp_path / "moved" / "a" / "1.png", ns=(1, 1))
    changed = fingerprint(tmp_path / "moved")
    assert changed != before
    (tmp_path / "moved" / "a" / "1.png").rename(tmp_path / "moved" / "a" / "2.png")
    assert fingerprint(tmp_path / "moved") != changed
    with pytest.raises(DataError, match="nothing"):
        fingerprint(tmp_path / "nothing")
