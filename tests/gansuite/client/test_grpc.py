"""What goes wrong over gRPC is said."""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import grpc
import model_server
import numpy as np
import pytest
import tensorflow as tf
from exported import NAME
from prediction_server import Trouble, serving
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2

from gansuite.client import Limits, Server
from gansuite.errors import GansuiteError
from gansuite.training.trained import Trained

SEEDS = np.arange(10)
HURRIED = Limits(pauses=(0.01, 0.01))
NARROW = Limits(pauses=(0.01, 0.01), largest=2000)
NO_OUTPUTS = "its answer has not the outputs of the signature"
UNREADABLE = "its metadata of signature sample cannot be read"
UNREACHED = "it cannot be reached, or is busy: "
Code = grpc.StatusCode


def points(url: str, limits: Limits = HURRIED) -> np.ndarray:
    return Server(url, NAME, limits=limits).call("sample", {"seed": SEEDS})["points"]


def status(code: grpc.StatusCode, details: str) -> Trouble:
    """End predictions with a status."""

    def trouble(method: str, context: grpc.ServicerContext) -> None:
        if method == "Predict":
            context.abort(code, details)

    return trouble


def once(content: bytes, asked: str = "Predict") -> Trouble:
    """Answer one method with something else."""
    return lambda method, _: content if method == asked else None


def outputs(**tensors: TensorProto) -> Trouble:
    """Answer predictions with other outputs."""
    return once(predict_pb2.PredictResponse(outputs=tensors).SerializeToString())


def tensor(shape: Sequence[int], dtype: tf.DType = tf.float32, **values: Any) -> TensorProto:
    """A tensor whose values need not be what its shape says."""
    found = TensorProto(dtype=dtype.as_datatype_enum, **values)
    for size in shape:
        found.tensor_shape.dim.add(size=size)
    return found


def described(signatures: Mapping[str, Any] | None) -> Trouble:
    """Answer what is asked about the model with something else."""
    answer = get_model_metadata_pb2.GetModelMetadataResponse()
    if signatures is not None:
        answer.metadata["signature_def"].Pack(
            get_model_metadata_pb2.SignatureDefMap(signature_def=signatures)
        )
    return once(answer.SerializeToString(), "GetModelMetadata")


ROWS = [0.0] * 20
ROW = {"dtype": "DT_FLOAT", "tensor_shape": {"dim": [{"size": -1}]}}
OF_SEEDS = {"seed": {"dtype": "DT_INT64"}}


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (status(Code.INTERNAL, "a kernel broke\nin a.cc:5"), "it says INTERNAL: a kernel broke"),
        (status(Code.NOT_FOUND, "Servable not found"), "it says NOT_FOUND: Servable not found"),
        (status(Code.UNKNOWN, ""), "it says UNKNOWN: nothing"),
        (status(Code.UNAVAILABLE, "the queue is full"), f"{UNREACHED}the queue is full"),
        (status(Code.DEADLINE_EXCEEDED, "of its own"), "it says DEADLINE_EXCEEDED: of its own"),
        (status(Code.RESOURCE_EXHAUSTED, "a quota"), "it says RESOURCE_EXHAUSTED: a quota"),
        (once(b" " * 3000), "its answer is larger than 0 MiB"),
        (once(b"\xff\xff"), "its answer is no PredictResponse"),
        (once(b"\xff\xff", "GetModelMetadata"), "its answer is no GetModelMetadataResponse"),
        (outputs(), NO_OUTPUTS),
        (outputs(others=tensor([10, 2], float_val=ROWS)), NO_OUTPUTS),
        (outputs(points=tensor([10, 2], float_val=[0.0])), NO_OUTPUTS),
        (outputs(points=tensor([10, 2])), NO_OUTPUTS),
        (outputs(points=tensor([1 << 40, 2], float_val=[0.0])), NO_OUTPUTS),
        (outputs(points=tensor([10, 2], tensor_content=b"123")), NO_OUTPUTS),
        (outputs(points=tensor([10, 2], tf.bfloat16, half_val=[0] * 20)), NO_OUTPUTS),
        (outputs(points=TensorProto(dtype=99)), NO_OUTPUTS),
        (outputs(points=tensor([10, 2], tf.int64, int64_val=[0] * 20)), "is int64, not float32"),
        (outputs(points=tensor([10, 2], tf.string, string_val=[b""] * 20)), "is object, not float32"),
        (outputs(points=tensor([20], float_val=ROWS)), "has shape (20), not (any, 2)"),
        (outputs(points=tensor([20, 1], float_val=ROWS)), "has shape (20, 1), not (any, 2)"),
        (outputs(points=tensor([9, 2], float_val=ROWS[2:])), "output points has 9 rows, not 10"),
        (described(None), "its metadata name no signatures"),
        (described({}), "its metadata name no signatures"),
        (described({"sample": {"inputs": OF_SEEDS}}), UNREADABLE),
        (described({"sample": {"inputs": OF_SEEDS, "outputs": {"points": {"dtype": 1}}}}), UNREADABLE),
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
    "signatures",
    [
        {"\x1b[2J": {}},
        {"sample": {"inputs": {"\x1b[2J": {}}, "outputs": {"points": ROW}}},
    ],
)
def test_nothing_that_a_terminal_would_obey_is_said(
    served: tuple[Trained, Path], signatures: Mapping[str, Any]
) -> None:
    with serving(served[1], described(signatures)) as server, pytest.raises(GansuiteError) as caught:
        points(server.url)
    said = str(caught.value).replace("\n", "")
    assert said.isprintable()
    assert "[2J" in said


def test_one_that_takes_too_long_is_said_and_not_asked_again(served: tuple[Trained, Path]) -> None:
    def silent(_method: str, _context: grpc.ServicerContext) -> None:
        time.sleep(0.6)

    with serving(served[1], silent) as server:
        with pytest.raises(GansuiteError, match=r"it was silent for 0\.3 s"):
            points(server.url, Limits(silence=0.3))
        assert server.asked == ["GetModelMetadata"]


@pytest.mark.parametrize(
    ("code", "times"),
    [
        (Code.UNAVAILABLE, 3),
        (Code.DEADLINE_EXCEEDED, 3),
        (Code.RESOURCE_EXHAUSTED, 3),
        (Code.INTERNAL, 1),
        (Code.INVALID_ARGUMENT, 1),
    ],
)
def test_only_what_may_pass_is_asked_again(
    served: tuple[Trained, Path], code: grpc.StatusCode, times: int
) -> None:
    with serving(served[1], status(code, "later")) as server:
        with pytest.raises(GansuiteError, match="later"):
            points(server.url)
        assert server.asked == ["GetModelMetadata", *["Predict"] * times]


def test_a_busy_server_is_asked_again(served: tuple[Trained, Path]) -> None:
    trained, folder = served
    turns = itertools.count()

    def busy(_method: str, context: grpc.ServicerContext) -> None:
        if next(turns) % 2 == 0:
            context.abort(Code.UNAVAILABLE, "loading")

    expected = trained.call("sample", {"seed": SEEDS})["points"]
    with serving(folder, busy) as server:
        np.testing.assert_allclose(points(server.url), expected, rtol=1e-6)
        assert len(server.asked) == 4


def test_inputs_of_another_form_are_refused_in_the_servers_words(served: tuple[Trained, Path]) -> None:
    with serving(served[1]) as server:
        for inputs in (SEEDS[:, None], SEEDS.astype(np.int32)):
            with pytest.raises(GansuiteError, match="it says INVALID_ARGUMENT: seed is int"):
                Server(server.url, NAME).call("sample", {"seed": inputs})


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/v1/models/other", r"NOT_FOUND: Servable not found for request: Latest\(other\)"),
        (f"/v1/models/{NAME}/versions/7", r"NOT_FOUND: Servable not found for request: Specific\(ring, 7\)"),
        (f"/v1/models/{NAME}/labels/stable", "Unrecognized servable version label: stable"),
    ],
)
def test_a_model_that_is_not_there_is_said(served: tuple[Trained, Path], path: str, message: str) -> None:
    with serving(served[1]) as server, pytest.raises(GansuiteError, match=message):
        points(server.url + path)


def test_nobody_there_is_said(served: tuple[Trained, Path]) -> None:
    with serving(served[1]) as server:
        url = server.url
    with pytest.raises(GansuiteError, match=rf"{UNREACHED}.*[Rr]efused"):
        points(url)


def test_a_server_that_goes_away_meanwhile_is_said(served: tuple[Trained, Path]) -> None:
    def leaving(method: str, _context: grpc.ServicerContext) -> None:
        if method == "Predict":
            server.grpc.stop(None)

    with serving(served[1], leaving) as server, pytest.raises(GansuiteError, match=UNREACHED):
        points(server.url)


def test_one_that_hangs_up_is_said() -> None:
    def hang_up() -> None:
        while True:
            try:
                listening.accept()[0].close()
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(GansuiteError, match=UNREACHED):
            points(f"grpc://127.0.0.1:{listening.getsockname()[1]}")
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_the_port_of_the_other_interface_is_said(served: tuple[Trained, Path]) -> None:
    with model_server.serving(served[1]) as server, pytest.raises(GansuiteError, match=UNREACHED):
        points(server.url.replace("http://", "grpc://"))
    with serving(served[1]) as server, pytest.raises(GansuiteError, match="it cannot be reached: "):
        points(server.url.replace("grpc://", "http://"))


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """The key and the certificate of a server called localhost, by its own word."""
    key, signed = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    try:
        subprocess.run(
            [*command, *named, "-keyout", str(key), "-out", str(signed)], check=True, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("there is no openssl to make a certificate with")
    return key, signed


def test_with_tls_the_certificate_is_checked(
    served: tuple[Trained, Path], certificate: tuple[Path, Path]
) -> None:
    trained, folder = served
    key, signed = certificate
    credentials = grpc.ssl_server_credentials([(key.read_bytes(), signed.read_bytes())])
    program = "import sys; from gansuite.client import Server\n"
    program += f"print(Server(sys.argv[1], {NAME!r}).call('sample', {{'seed': [7]}})['points'].tolist())"
    with serving(folder, lambda _method, _context: None, credentials) as server:
        with pytest.raises(GansuiteError, match=rf"{UNREACHED}.*CERTIFICATE_VERIFY_FAILED"):
            points(server.url)
        # gRPC reads once in a process whom it trusts.
        environment = {**os.environ, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(signed)}
        command = [sys.executable, "-c", program, server.url]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    expected = trained.call("sample", {"seed": np.array([7])})["points"]
    np.testing.assert_allclose(json.loads(done.stdout), expected, rtol=1e-6)
