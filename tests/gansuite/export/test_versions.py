"""A version of a model is written whole, under a number of its own, or not at all."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import tensorflow as tf
from exported import NAME, exported, opened

from gansuite.errors import GansuiteError, UsageError
from gansuite.export.versions import LARGEST, publish, versions, writing
from gansuite.runs import Run


def test_versions_count_up_and_none_is_written_over(run: Run, tmp_path: Path) -> None:
    trained = opened(run)
    assert exported(trained, tmp_path, 7).name == "7"
    assert exported(trained, tmp_path).name == "8"
    with pytest.raises(UsageError, match="there is a version 7"):
        exported(trained, tmp_path, 7)
    assert versions(tmp_path / NAME) == [7, 8]
    assert list((tmp_path / NAME).glob(".*")) == []


def test_two_exports_at_once_get_versions_of_their_own(tmp_path: Path) -> None:
    model = tmp_path / NAME
    drafts = [model / f".draft-{number}" for number in range(12)]
    for draft in drafts:
        draft.mkdir(parents=True)
        (draft / "file").write_text(draft.name)
    threads = [threading.Thread(target=publish, args=(draft, model, None)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert versions(model) == list(range(1, len(drafts) + 1))
    assert {(model / str(one) / "file").read_text() for one in versions(model)} == {
        one.name for one in drafts
    }


@pytest.mark.parametrize("kind", ["file", "lost link", "folder", "folder with zeros"])
def test_a_number_that_is_taken_is_passed_over(tmp_path: Path, kind: str) -> None:
    model = tmp_path / NAME
    draft = model / ".draft"
    draft.mkdir(parents=True)
    if kind == "file":
        (model / "4").write_text("")
    elif kind == "lost link":
        (model / "4").symlink_to("nowhere")
    else:
        (model / ("4" if kind == "folder" else "0004")).mkdir()
    with pytest.raises(UsageError, match=r"version 4|number 4 is taken by 4, which is no folder"):
        publish(draft, model, 4)
    assert publish(draft, model, None) == model / "5"
    assert versions(model) == ([4, 5] if kind.startswith("folder") else [5])


def test_numbers_stay_what_a_server_can_read(run: Run, tmp_path: Path) -> None:
    trained = opened(run)
    with pytest.raises(UsageError, match="is larger than a server can read"):
        exported(trained, tmp_path / "served", LARGEST + 1)
    assert not (tmp_path / "served").exists()
    for other in (str(LARGEST), str(10 * LARGEST), "٣"):
        (tmp_path / NAME / other).mkdir(parents=True)
    with pytest.raises(UsageError, match=f"version {LARGEST} is the last that there can be"):
        exported(trained, tmp_path)
    with pytest.raises(UsageError, match=f"there is a version {LARGEST}") as caught:
        exported(trained, tmp_path, LARGEST)
    assert caught.value.hint == "Choose another number."
    assert exported(trained, tmp_path, LARGEST - 1).name == str(LARGEST - 1)


def test_what_killed_exports_left_is_removed_after_a_day(run: Run, tmp_path: Path) -> None:
    for hours in (23, 25):
        left = tmp_path / NAME / f".writing-{hours}"
        (left / "version").mkdir(parents=True)
        when = time.time() - 3600 * hours
        os.utime(left, (when, when))
    exported(opened(run), tmp_path)
    assert [path.name for path in (tmp_path / NAME).glob(".*")] == [".writing-23"]


def test_a_full_disk_leaves_no_version(run: Run, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(1_000_000))
    with pytest.raises(GansuiteError, match="No space left on device") as caught:
        exported(opened(run), small_disk / "served")
    assert caught.value.exit_code == 1
    assert not (small_disk / "served").exists()


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), GansuiteError, 1),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), GansuiteError, 1),
        (tf.errors.ResourceExhaustedError(None, None, "v; No space left on device"), GansuiteError, 1),
        (PermissionError(errno.EACCES, "Permission denied"), UsageError, 2),
        (tf.errors.PermissionDeniedError(None, None, "v; Permission denied"), UsageError, 2),
    ],
    ids=["full", "full quota", "full, says TensorFlow", "refused", "refused, says TensorFlow"],
)
def test_what_keeps_files_from_being_written_is_said(
    tmp_path: Path, error: Exception, kind: type[GansuiteError], code: int
) -> None:
    with pytest.raises(kind, match="nothing could be written: ") as caught, writing(tmp_path):
        raise error
    assert type(caught.value) is kind
    assert caught.value.exit_code == code


def test_what_is_published_is_not_to_be_exported_again(run: Run, tmp_path: Path) -> None:
    (tmp_path / "models.config").mkdir()
    with pytest.raises(GansuiteError, match="version 1 is published, but what starts a server") as caught:
        exported(opened(run), tmp_path)
    assert "do not export it again" in str(caught.value.hint)
    assert versions(tmp_path / NAME) == [1]
    assert tf.saved_model.contains_saved_model(str(tmp_path / NAME / "1"))


def test_a_killed_export_leaves_nothing_that_would_be_served(run: Run, tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
sys.path[:] = {sys.path!r}
from exported import exported, opened
from gansuite.runs import Run
exported(opened(Run.open(Path({str(run.path)!r}))), Path({str(tmp_path)!r}))
"""
    process = subprocess.Popen([sys.executable, "-c", program])
    while process.poll() is None and not any((tmp_path / NAME).glob(".writing-*/version/saved_model.pb")):
        time.sleep(0.01)
    time.sleep(random.Random(0).uniform(0.0, 0.5))  # noqa: S311
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert len(list((tmp_path / NAME).glob(".writing-*"))) == 1
    assert versions(tmp_path / NAME) == []
    assert exported(opened(run), tmp_path).name == "1"
