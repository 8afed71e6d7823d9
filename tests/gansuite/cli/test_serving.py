"""Exporting a run, and asking a server instead of it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import grpc
import model_server
import prediction_server
import pytest
import tensorflow as tf

from shell import Done, Shell, files_of


def test_a_run_is_exported_under_the_next_number(shell: Shell, trained: Done) -> None:
    for number in (1, 2):
        done = shell.run("export", "first", "served", "--name", "points")
        assert done.stdout == f"served/points/{number}\n"
        assert "sample: just what the run says" in done.stderr
    assert (shell.folder / "served" / "points" / "2" / "saved_model.pb").is_file()
    refused = shell.run("export", "first", "served", "--name", "points", "--version", "2", code=2)
    assert "there is a version 2" in refused.stderr
    assert "Leave --version out to write version 3" in refused.stderr


def test_what_cannot_be_exported_is_said_at_once(shell: Shell, trained: Done) -> None:
    (shell.folder / "a-file").write_text("")
    refused = shell.run("export", "first", "a-file/served", code=2)
    assert "nothing could be written" in refused.stderr
    for name in ("../elsewhere", ".hidden", "", "models.config", "batching.config", "compose.yaml"):
        refused = shell.run("export", "first", "served", "--name", name, code=2)
        assert "cannot be the name of a model" in refused.stderr
    assert not (shell.folder / "elsewhere").exists()
    refused = shell.run("export", "first", "served", "--version", str(2**63), code=2)
    assert "is larger than a server can read" in refused.stderr


@pytest.fixture(scope="module")
def models(shell: Shell, trained: Done) -> Path:
    """The folder that the run was exported to."""
    shell.run("export", "first", "models")
    return shell.folder / "models"


@pytest.mark.parametrize("serve", [model_server.serving, prediction_server.serving], ids=["rest", "grpc"])
def test_a_server_makes_the_same_files(shell: Shell, models: Path, serve: Callable[..., Any]) -> None:
    with serve(models) as server:
        asking = ["--server", server.url]
        there = files_of(shell.run("generate", "first", "-n", "3", "-o", serve.__module__, *asking))
        [made] = files_of(shell.run("generate", "first", "-n", "1", *asking))
        refused = shell.run("generate", "first", *asking, "--checkpoint", "best", code=2)
    assert "a server answers as it was exported" in refused.stderr
    assert made == "first/generated/served-seed-0-to-0/points.csv"
    here = files_of(shell.run("generate", "first", "-n", "3", "-o", "here"))
    for one, other in zip(here, there, strict=True):
        assert (shell.folder / one).read_bytes() == (shell.folder / other).read_bytes()


def test_settings_that_a_server_would_not_hear_of_are_refused(shell: Shell, trained: Done) -> None:
    asking = ("generate", "first", "--server", "http://localhost:1", "-o", "unasked")
    refused = shell.run(*asking, "--set", "training.keep=2", code=2)
    assert "--set training.keep=2: a server answers as it was exported" in refused.stderr
    assert "only settings of output.* hold" in refused.stderr
    assert not (shell.folder / "unasked").exists()


class Painter(tf.Module):
    """Takes what the run takes, and paints."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64, name="seed")])
    def sample(self, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"images": tf.zeros([tf.size(seed), 4, 4, 1])}


@pytest.mark.parametrize("serve", [model_server.serving, prediction_server.serving], ids=["rest", "grpc"])
def test_another_model_that_takes_the_same_is_refused(
    shell: Shell, trained: Done, tmp_path: Path, serve: Callable[..., Any]
) -> None:
    module = Painter()
    tf.saved_model.save(module, str(tmp_path / "ring" / "1"), signatures={"sample": module.sample})
    before = sorted(shell.folder.rglob("*"))
    with serve(tmp_path) as server:
        refused = shell.run("generate", "first", "-o", "painted", "--server", server.url, code=2)
    assert "another model: signature sample gives images, not points" in refused.stderr
    assert "Export this run and serve that" in refused.stderr
    assert (refused.stdout, sorted(shell.folder.rglob("*"))) == ("", before)


def slow_rest(_request: BaseHTTPRequestHandler) -> bool:
    """Say nothing for longer than some wait."""
    time.sleep(2)
    return False


def slow_grpc(_method: str, _context: grpc.ServicerContext) -> None:
    """Say nothing for longer than some wait."""
    time.sleep(2)


@pytest.mark.parametrize(
    ("serve", "trouble"),
    [(model_server.serving, slow_rest), (prediction_server.serving, slow_grpc)],
    ids=["rest", "grpc"],
)
def test_how_long_a_server_is_waited_for_can_be_said(
    shell: Shell, models: Path, serve: Callable[..., Any], trouble: Any
) -> None:
    name = f"slow-{serve.__module__}"
    with serve(models, trouble) as server:
        asking = ("generate", "first", "-n", "1", "-o", name, "--server", server.url, "--patience")
        refused = shell.run(*asking, "1", code=1)
        assert "it was silent for 1 s" in refused.stderr
        assert "--patience SECONDS waits longer" in refused.stderr
        assert not (shell.folder / name).exists()
        assert files_of(shell.run(*asking, "50"))


def test_patience_is_for_servers_and_a_number_of_seconds(shell: Shell, trained: Done) -> None:
    refused = shell.run("generate", "first", "-o", "unasked", "--patience", "9", code=2)
    assert "--patience: there is no server to wait for" in refused.stderr
    for seconds in ("0", "-1", "86401", "nan", "inf", "1.5", "long"):
        asking = ("--server", "http://localhost:1", "--patience", seconds)
        refused = shell.run("generate", "first", "-o", "unasked", *asking, code=2)
        assert "Invalid value for '--patience'" in refused.stderr
    assert not (shell.folder / "unasked").exists()


def breaking_rest() -> model_server.Trouble:
    """Answer the first rows, and no others."""
    predictions = itertools.count()

    def trouble(request: BaseHTTPRequestHandler) -> bool:
        if not request.path.endswith(":predict") or next(predictions) == 0:
            return False
        model_server.send(request, 500, b'{"error": "a kernel broke"}')
        return True

    return trouble


def breaking_grpc() -> prediction_server.Trouble:
    """Answer the first rows, and no others."""
    predictions = itertools.count()

    def trouble(method: str, context: grpc.ServicerContext) -> None:
        if method == "Predict" and next(predictions) > 0:
            context.abort(grpc.StatusCode.INTERNAL, "a kernel broke")

    return trouble


@pytest.mark.parametrize(
    ("serve", "trouble"),
    [(model_server.serving, breaking_rest()), (prediction_server.serving, breaking_grpc())],
    ids=["rest", "grpc"],
)
def test_a_server_that_breaks_leaves_nothing_half_done(
    shell: Shell, models: Path, serve: Callable[..., Any], trouble: Any
) -> None:
    before = sorted(shell.folder.rglob("*"))
    with serve(models, trouble) as server:
        refused = shell.run("generate", "first", "-n", "100", "-o", "half", "--server", server.url, code=1)
        assert len(server.asked) == 3
    assert "a kernel broke" in refused.stderr
    assert (refused.stdout, sorted(shell.folder.rglob("*"))) == ("", before)
