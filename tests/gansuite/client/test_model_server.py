"""The server itself, where it is installed, does what its stand-ins do in other tests."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from exported import NAME

from gansuite.client import Limits, Server
from gansuite.errors import GansuiteError
from gansuite.training.trained import Trained

SERVER = shutil.which("tensorflow_model_server")
#: It loads models before it listens.
PATIENT = Limits(pauses=(1.0,) * 60)

pytestmark = pytest.mark.skipif(SERVER is None, reason="there is no tensorflow_model_server on PATH")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def arguments(folder: Path, config: Path) -> list[str]:
    """What compose.yaml starts the server with, in a folder that is not /models; writes the config."""
    config.write_text((folder / "models.config").read_text().replace('"/models/', f'"{folder}/'))
    flags = re.findall(r"^ +- (--\S+)", (folder / "compose.yaml").read_text(), re.MULTILINE)
    assert flags
    named = [flag.replace("=/models/models.config", f"={config}") for flag in flags]
    return [flag.replace("=/models/", f"={folder}/") for flag in named]


@pytest.fixture(scope="module")
def urls(served: tuple[Trained, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Addresses of a server of what was exported, by scheme."""
    work = tmp_path_factory.mktemp("server")
    grpc, rest = free_port(), free_port()
    flags = [f"--port={grpc}", f"--rest_api_port={rest}", *arguments(served[1], work / "models.config")]
    with (work / "log").open("w") as log:
        process = subprocess.Popen([str(SERVER), *flags], stdout=log, stderr=log)
    try:
        yield {"http": f"http://127.0.0.1:{rest}", "grpc": f"grpc://127.0.0.1:{grpc}"}
    finally:
        process.terminate()
        process.wait(30)
        print((work / "log").read_text())


@pytest.mark.parametrize("scheme", ["http", "grpc"])
@pytest.mark.parametrize("path", ["", f"/v1/models/{NAME}/versions/1"])
def test_the_server_itself_answers_as_the_run_does(
    served: tuple[Trained, Path], urls: dict[str, str], scheme: str, path: str
) -> None:
    seeds = np.arange(100)
    expected = served[0].call("sample", {"seed": seeds})["points"]
    server = Server(urls[scheme] + path, NAME, limits=PATIENT)
    found = server.call("sample", {"seed": seeds}, batch=33)["points"]
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("scheme", "said"), [("http", "404"), ("grpc", "NOT_FOUND")])
def test_the_server_itself_says_which_model_is_not_there(
    urls: dict[str, str], scheme: str, said: str
) -> None:
    with pytest.raises(GansuiteError, match=f"it says {said}"):
        Server(urls[scheme], "another", limits=PATIENT).call("sample", {"seed": np.arange(3)})


def test_the_server_itself_refuses_inputs_of_another_type(urls: dict[str, str]) -> None:
    with pytest.raises(GansuiteError, match="it says INVALID_ARGUMENT"):
        Server(urls["grpc"], NAME, limits=PATIENT).call("sample", {"seed": np.arange(3, dtype=np.int32)})
