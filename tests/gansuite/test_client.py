"""What a server answers is what the run answers, and what goes wrong is said."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exported import NAME, exported, opened, ring_run
from model_server import send, serving

from gansuite import client
from gansuite.client import Server
from gansuite.errors import GansuiteError, UsageError
from gansuite.training.trained import Trained, served_trained

SEEDS = np.arange(10)
NO_OUTPUTS = "its answer has not the outputs of the signature"
UNREADABLE = "its metadata of signature sample cannot be read"
Trouble = Callable[[BaseHTTPRequestHandler], bool]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Path]:
    """The run, and the folder of models."""
    trained = opened(ring_run(tmp_path_factory.mktemp("runs")))
    folder = tmp_path_factory.mktemp("models")
    exported(trained, folder)
    return trained, folder


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSES", (0.01, 0.01))


def points(url: str, **more: Any) -> np.ndarray:
    return Server(url, NAME).call("sample", {"seed": SEEDS}, **more)["points"]


def once(content: bytes, code: int = 200) -> Trouble:
    """Answer predictions with something else."""

    def trouble(request: BaseHTTPRequestHandler) -> bool:
        if not request.path.endswith(":predict"):
            return False
        send(request, code, content)
        return True

    return trouble


@pytest.mark.parametrize("path", ["", "/", f"/v1/models/{NAME}", f"/v1/models/{NAME}/versions/1"])
def test_a_server_answers_as_the_run_does(served: tuple[Trained, Path], path: str) -> None:
    trained, folder = served
    expected = trained.call("sample", {"seed": SEEDS})["points"]
    with serving(folder) as server:
        remote = served_trained(trained.run, trained.domain, server.url + path)
        np.testing.assert_allclose(remote.call("sample", {"seed": SEEDS})["points"], expected, rtol=1e-6)
        assert remote.step == trained.step
        with pytest.raises(UsageError, match="a server answers for it"):
            _ = remote.local


def test_rows_are_asked_for_some_at_a_time(
    served: tuple[Trained, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, folder = served
    expected = trained.call("sample", {"seed": SEEDS})["points"]
    with serving(folder) as server:
        np.testing.assert_allclose(points(server.url, batch=4), expected, rtol=1e-6)
        assert [path.endswith("/metadata") for path in server.asked] == [True, False, False, False]
        monkeypatch.setattr(client, "MOST_NUMBERS", 5)
        points(server.url)
        assert len(server.asked) == 4 + 1 + 2


def test_a_busy_server_is_asked_again(served: tuple[Trained, Path]) -> None:
    trained, folder = served
    turns = itertools.count()

    def busy(request: BaseHTTPRequestHandler) -> bool:
        if next(turns) % 2:
            return False
        send(request, 503, b'{"error": "loading"}')
        return True

    with serving(folder, busy) as server:
        np.testing.assert_allclose(
            points(server.url), trained.call("sample", {"seed": SEEDS})["points"], rtol=1e-6
        )
        assert len(server.asked) == 4


def described(content: bytes) -> Trouble:
    """Answer what is asked about the model with something else."""

    def trouble(request: BaseHTTPRequestHandler) -> bool:
        if not request.path.endswith("/metadata"):
            return False
        send(request, 200, content)
        return True

    return trouble


def signature(text: str) -> bytes:
    """The metadata of a model with one signature."""
    return b'{"metadata": {"signature_def": {"signature_def": {"sample": %s}}}}' % text.encode()


def always(code: int, content: bytes) -> Trouble:
    """Answer everything in one way."""

    def trouble(request: BaseHTTPRequestHandler) -> bool:
        send(request, code, content)
        return True

    return trouble


def cut(request: BaseHTTPRequestHandler) -> bool:
    """Promise more than is sent."""
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"outputs"')
    request.close_connection = True
    return True


def dropped(request: BaseHTTPRequestHandler) -> bool:
    """Hang up without an answer."""
    request.close_connection = True
    return True


def silent(request: BaseHTTPRequestHandler) -> bool:
    """Say nothing for longer than anybody waits."""
    time.sleep(0.6)
    return True


def dripping(request: BaseHTTPRequestHandler) -> bool:
    """Send a byte now and then."""
    request.send_response(200)
    request.end_headers()
    for _ in range(8):
        try:
            request.wfile.write(b" ")
            request.wfile.flush()
        except OSError:
            break
        time.sleep(0.1)
    request.close_connection = True
    return True


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (always(503, b""), "it says 503"),
        (always(404, b'{"error": "Servable not found"}'), "404: Servable not found"),
        (cut, "cannot be reached: IncompleteRead"),
        (dropped, "cannot be reached: "),
        (silent, "it was silent for 0.3 s"),
        (dripping, "its answer took more than 0.4 s"),
        (once(b"no JSON"), "its answer is no JSON"),
        (once(b"[" * 1900), "its answer is no JSON"),
        (once(b" " * 3000), "its answer is larger than 0 MiB"),
        (once(b"[]"), NO_OUTPUTS),
        (once(b'{"outputs": [[1, 2], [3]]}'), NO_OUTPUTS),
        (once(b'{"outputs": 5}'), NO_OUTPUTS),
        (once(b'{"outputs": null}'), NO_OUTPUTS),
        (once(b'{"outputs": {"points": 3}}'), NO_OUTPUTS),
        (once(b'{"outputs": [["a", "b"]]}'), NO_OUTPUTS),
        (once(json.dumps({"outputs": [[0.0]] * 10}).encode()), NO_OUTPUTS),
        (once(json.dumps({"outputs": [[0.0, None]] * 10}).encode()), NO_OUTPUTS),
        (described(b'{"metadata": {"signature_def": 1}}'), "its metadata name no signatures"),
        (described(signature("[]")), UNREADABLE),
        (described(signature('{"inputs": {"seed": 1}, "outputs": {}}')), "sample has no outputs"),
        (described(signature('{"inputs": {}, "outputs": {"points": 1}}')), UNREADABLE),
        (once(json.dumps({"outputs": [[0.0, 0.0]] * 9}).encode()), "output points has 9 rows, not 10"),
        (once(b'{"error": "shape"}', 400), "it says 400: shape"),
    ],
)  # fmt: skip
def test_what_a_server_does_wrong_is_said(
    served: tuple[Trained, Path], monkeypatch: pytest.MonkeyPatch, trouble: Trouble, message: str
) -> None:
    monkeypatch.setattr(client, "SILENCE", 0.3)
    monkeypatch.setattr(client, "PATIENCE", 0.4)
    monkeypatch.setattr(client, "LARGEST", 2000)
    with serving(served[1], trouble) as server, pytest.raises(GansuiteError) as caught:
        points(server.url)
    assert caught.value.exit_code == 1
    assert message in str(caught.value)
    assert str(caught.value).startswith(server.url)


def test_nobody_there_is_said(served: tuple[Trained, Path]) -> None:
    with serving(served[1]) as server:
        url = server.url
    with pytest.raises(GansuiteError, match=r"it cannot be reached: .*[Rr]efused"):
        points(url)


def test_what_is_served_has_to_be_what_the_run_is(served: tuple[Trained, Path]) -> None:
    with serving(served[1]) as server:
        with pytest.raises(UsageError, match="no signature upscale; it has sample"):
            Server(server.url, NAME).call("upscale", {"images": SEEDS})
        with pytest.raises(UsageError, match="signature sample takes seed, not labels, seed"):
            Server(server.url, NAME).call("sample", {"seed": SEEDS, "labels": SEEDS})


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8501",
        "ftp://host/x",
        "http://",
        "file:///etc/passwd",
        "http://a/?b",
        "http://[::1",
        "http://a..b",
        "http://h:abc",
        "http://h/ä",
    ],
)
def test_an_address_has_to_be_one(url: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a server"):
        Server(url, NAME)
