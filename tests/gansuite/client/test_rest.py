"""What goes wrong over REST is said."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest
from exported import NAME
from model_server import send, serving

from gansuite.client import Limits, Server, TooLargeError
from gansuite.client.address import Address
from gansuite.client.rest import Rest
from gansuite.client.signature import STRANGE, Output
from gansuite.errors import GansuiteError
from gansuite.training.trained import Trained

SEEDS = np.arange(10)
HURRIED = Limits(pauses=(0.01, 0.01))
NARROW = Limits(pauses=(0.01, 0.01), largest=2000)
IMPATIENT = Limits(pauses=(), silence=0.3, patience=0.4)
SEED = '"inputs": {"seed": 1}'
POINTS = '"outputs": {"points": {"dtype": "DT_FLOAT", "tensor_shape": {"dim": [{"size": -1}, {"size": 2}]}}}'
CRAMPED = Limits(largest=200)
NO_OUTPUTS = "its answer has not the outputs of the signature"
UNREADABLE = "its metadata of signature sample cannot be read"
Trouble = Callable[[BaseHTTPRequestHandler], bool]


def points(url: str, limits: Limits = HURRIED) -> np.ndarray:
    return Server(url, NAME, limits=limits).call("sample", {"seed": SEEDS})["points"]


def once(content: bytes, code: int = 200) -> Trouble:
    """Answer predictions with something else."""

    def trouble(request: BaseHTTPRequestHandler) -> bool:
        if not request.path.endswith(":predict"):
            return False
        send(request, code, content)
        return True

    return trouble


def outputs(rows: object) -> Trouble:
    """Answer predictions with other outputs."""
    return once(json.dumps({"outputs": rows}).encode())


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


def pointing(code: int, place: str) -> Trouble:
    """Point to another address."""

    def trouble(request: BaseHTTPRequestHandler) -> bool:
        request.send_response(code)
        request.send_header("Location", place)
        request.end_headers()
        return True

    return trouble


def dripping(begins: bytes, comes: bytes) -> Trouble:
    """Send the beginning of an answer, and then a byte now and then."""

    def trouble(request: BaseHTTPRequestHandler) -> bool:
        with contextlib.suppress(OSError):  # nobody listens any more
            request.wfile.write(begins)
            for byte in comes:
                request.wfile.write(bytes([byte]))
                request.wfile.flush()
                time.sleep(0.05)
        request.close_connection = True
        return True

    return trouble


LATE = "its answer took more than 0.4 s"
ERROR = b'{"error": "the shape is another one"}'


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (always(503, b""), "it says 503"),
        (always(404, b'{"error": "Servable not found"}'), "404: Servable not found"),
        (cut, "cannot be reached: IncompleteRead"),
        (dropped, "cannot be reached: "),
        (once(b"no JSON"), "its answer is no JSON"),
        (once(b"[" * 1900), "its answer is no JSON"),
        (once(b" " * 3000), "its answer is larger than 0 MiB"),
        (once(b"[]"), NO_OUTPUTS),
        (outputs([[1, 2], [3]]), NO_OUTPUTS),
        (outputs(None), NO_OUTPUTS),
        (outputs([["a", "b"]]), NO_OUTPUTS),
        (outputs([[0.0, None]] * 10), NO_OUTPUTS),
        (outputs(5), "output points has shape (), not (any, 2)"),
        (outputs({"points": 3}), "output points has shape (), not (any, 2)"),
        (outputs([[0.0]] * 10), "output points has shape (10, 1), not (any, 2)"),
        (outputs([[0.0, 0.0]] * 9), "output points has 9 rows, not 10"),
        (described(b'{"metadata": {"signature_def": 1}}'), "its metadata name no signatures"),
        (described(signature("[]")), UNREADABLE),
        (described(signature('{"inputs": {"seed": 1}, "outputs": {}}')), "sample has no outputs"),
        (described(signature('{"inputs": {}, "outputs": {"points": 1}}')), UNREADABLE),
        (once(b'{"error": "shape"}', 400), "it says 400: shape"),
    ],
)  # fmt: skip
def test_what_a_server_does_wrong_is_said(
    served: tuple[Trained, Path], trouble: Trouble, message: str
) -> None:
    with serving(served[1], trouble) as server, pytest.raises(GansuiteError) as caught:
        points(server.url, NARROW)
    assert caught.value.exit_code == 1
    assert message in str(caught.value)
    assert str(caught.value).startswith(server.url)


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (silent, "it was silent for 0.3 s"),
        (dripping(b"HTTP/1.0 200 OK\r\n\r\n", b" " * 20), LATE),
        (dripping(b"HTTP/1.0 200 OK\r\n", b"X-Some: of what nobody needs\r\n\r\n{}"), LATE),
        (dripping(b"", b"HTTP/1.0 200 and a long reason\r\n\r\n{}"), LATE),
        (dripping(b"", b"HTTP/1.0 100 Continue\r\n\r\n" * 2), LATE),
        # What is wrong is known by then, if not why.
        (dripping(b"HTTP/1.0 400 Bad Request\r\n\r\n", ERROR), "it says 400: Bad Request"),
        (dripping(b"HTTP/1.0 400 Bad Request\r\nContent-Length: 37\r\n\r\n", ERROR), "400: Bad Request"),
    ],
    ids=["silence", "body", "headers", "status", "interim", "error", "error with its length"],
)
def test_one_that_takes_too_long_is_said(
    served: tuple[Trained, Path], trouble: Trouble, message: str
) -> None:
    with serving(served[1], trouble) as server, pytest.raises(GansuiteError, match=message):
        points(server.url, IMPATIENT)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.1:1/v1/models/ring",
        "ftp://127.0.0.1:1/ring",
        "file:///etc/passwd",
        "/v2",
        "http://[::1",
    ],
)
def test_what_points_elsewhere_is_not_followed(served: tuple[Trained, Path], code: int, place: str) -> None:
    with serving(served[1], pointing(code, place)) as server:
        with pytest.raises(GansuiteError) as caught:
            points(server.url)
        assert len(server.asked) == 1
    assert f"it says {code}, and points to {place}\n  That is not followed." in str(caught.value)


def test_what_points_nowhere_is_an_error_like_others(served: tuple[Trained, Path]) -> None:
    with (
        serving(served[1], always(302, b"")) as server,
        pytest.raises(GansuiteError, match="says 302: Found"),
    ):
        points(server.url)


HOSTILE = "\x1b[2J\x9b31m\u202e"


@pytest.mark.parametrize(
    "trouble",
    [
        pointing(302, f"http://host/{HOSTILE[:5]}"),
        always(400, json.dumps({"error": f"no {HOSTILE}"}).encode()),
        described(json.dumps({"metadata": {"signature_def": {"signature_def": {HOSTILE: {}}}}}).encode()),
        described(signature(json.dumps({"inputs": {HOSTILE: 1}, "outputs": {}}))),
        described(signature(f"{{{SEED}, {POINTS.replace('points', json.dumps(HOSTILE)[1:-1])}}}")),
    ],
    ids=["place", "error", "signature", "input", "output"],
)
def test_nothing_that_a_terminal_would_obey_is_said(served: tuple[Trained, Path], trouble: Trouble) -> None:
    with serving(served[1], trouble) as server, pytest.raises(GansuiteError) as caught:
        points(server.url)
    said = str(caught.value).replace("\n", "")
    assert said.isprintable()
    assert "[2J" in said


def test_of_many_names_few_are_said(served: tuple[Trained, Path]) -> None:
    many = {f"{number:03}" + "x" * 1000: {} for number in range(500)}
    answer = json.dumps({"metadata": {"signature_def": {"signature_def": many}}}).encode()
    message = r"000x+, 001x+.*, and 480 more\n"
    with (
        serving(served[1], described(answer)) as server,
        pytest.raises(GansuiteError, match=message) as caught,
    ):
        points(server.url)
    assert len(str(caught.value)) < 3000


def test_what_would_be_too_large_is_not_sent(served: tuple[Trained, Path]) -> None:
    with serving(served[1], described(signature(f"{{{SEED}, {POINTS}}}"))) as server:
        with pytest.raises(
            TooLargeError,
            match=r"what would be sent, at up to 22 bytes a number, is larger than 0 MiB\n  Ask for less",
        ):
            points(server.url, CRAMPED)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (["a", "ä"], [b"a", "ä".encode()]),
        ([{"b64": "AP8="}, {"b64": ""}], [b"\x00\xff", b""]),
        ([["a", {"b64": "AP8="}], ["", "b"]], [[b"a", b"\x00\xff"], [b"", b"b"]]),
        ([], []),
    ],
)
def test_texts_come_as_they_are_or_as_base64(answer: object, expected: object) -> None:
    shape = (None, 2) if answer and isinstance(answer[0], list) else (None,)  # type: ignore[index]
    output = Output(kind=np.object_, shape=shape)
    found = Rest(Address.of("http://localhost:1", NAME), HURRIED).arrays({"outputs": answer}, {"x": output})
    assert found["x"].tolist() == expected
    assert output.problem(found["x"], len(answer)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", ["ab", [1], [["a"]], [{"b65": ""}], [{"b64": "é"}], {"b64": ""}, None])
def test_what_is_no_text_is_no_output(answer: object) -> None:
    output = Output(kind=np.object_, shape=(None,))
    with pytest.raises(STRANGE):
        Rest(Address.of("http://localhost:1", NAME), HURRIED).arrays({"outputs": answer}, {"x": output})


def test_a_busy_server_is_asked_again(served: tuple[Trained, Path]) -> None:
    trained, folder = served
    turns = itertools.count()

    def busy(request: BaseHTTPRequestHandler) -> bool:
        if next(turns) % 2:
            return False
        send(request, 503, b'{"error": "loading"}')
        return True

    expected = trained.call("sample", {"seed": SEEDS})["points"]
    with serving(folder, busy) as server:
        np.testing.assert_allclose(points(server.url), expected, rtol=1e-6)
        assert len(server.asked) == 4


def test_nobody_there_is_said(served: tuple[Trained, Path]) -> None:
    with serving(served[1]) as server:
        url = server.url
    with pytest.raises(GansuiteError, match=r"it cannot be reached: .*[Rr]efused"):
        points(url)
