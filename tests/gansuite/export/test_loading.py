"""What is exported is read by what servers read with: TensorFlow's C++ loader and its command line."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from exported import exported, opened, ring_run
from tensorflow.core.protobuf import saved_model_pb2

from gansuite.training.trained import Trained

SEEDS = [5, 0, 7]

#: Loads and runs a model through the C interface of TensorFlow's library, without its Python package.
PROGRAM = """
import ctypes, json, sys

libraries, folder, asked = json.loads(sys.argv[1])
for library in libraries:
    c = ctypes.CDLL(library, ctypes.RTLD_GLOBAL)


class Output(ctypes.Structure):
    _fields_ = [("operation", ctypes.c_void_p), ("index", ctypes.c_int)]


for name in (
    "TF_NewStatus", "TF_NewGraph", "TF_NewSessionOptions", "TF_LoadSessionFromSavedModel",
    "TF_AllocateTensor", "TF_TensorData", "TF_GraphOperationByName",
):
    getattr(c, name).restype = ctypes.c_void_p
c.TF_Message.restype = ctypes.c_char_p
c.TF_TensorByteSize.restype = ctypes.c_size_t
status, graph = ctypes.c_void_p(c.TF_NewStatus()), ctypes.c_void_p(c.TF_NewGraph())
tags = (ctypes.c_char_p * 1)(b"serve")
session = ctypes.c_void_p(c.TF_LoadSessionFromSavedModel(
    ctypes.c_void_p(c.TF_NewSessionOptions()), None, folder.encode(), tags, 1, graph, None, status
))
assert c.TF_GetCode(status) == 0, c.TF_Message(status)


def place(tensor):
    name, index = tensor.rsplit(":", 1)
    operation = ctypes.c_void_p(c.TF_GraphOperationByName(graph, name.encode()))
    assert operation.value, name
    return Output(operation.value, int(index))


seeds, shape = asked["seeds"], asked["shape"]
dims = (ctypes.c_int64 * len(shape))(*shape)
given = ctypes.c_void_p(c.TF_AllocateTensor(9, dims, len(shape), ctypes.c_size_t(8 * len(seeds))))
ctypes.memmove(ctypes.c_void_p(c.TF_TensorData(given)), (ctypes.c_int64 * len(seeds))(*seeds), 8 * len(seeds))
made = ctypes.c_void_p()
c.TF_SessionRun(
    session, None, ctypes.byref(place(asked["input"])), ctypes.byref(given), 1,
    ctypes.byref(place(asked["output"])), ctypes.byref(made), 1, None, 0, None, status
)
if c.TF_GetCode(status) != 0:
    sys.exit(c.TF_Message(status).decode())
count = c.TF_TensorByteSize(made) // 4
data = ctypes.cast(ctypes.c_void_p(c.TF_TensorData(made)), ctypes.POINTER(ctypes.c_float * count)).contents
assert not {"tensorflow", "keras", "gansuite"} & set(sys.modules)
print(json.dumps(list(data)))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Path]:
    trained = opened(ring_run(tmp_path_factory.mktemp("runs")))
    return trained, exported(trained, tmp_path_factory.mktemp("models"))


def run_in_c(version: Path, seeds: Sequence[int], shape: Sequence[int]) -> subprocess.CompletedProcess[str]:
    """Ask a version for samples as a server does, in a process with the library alone."""
    package = Path(tf.__file__).parent
    libraries = [str(next(package.glob(f"libtensorflow_{name}.so.*"), "")) for name in ("framework", "cc")]
    if not all(libraries):
        pytest.skip("this TensorFlow comes without the shared libraries that have the C interface")
    model = saved_model_pb2.SavedModel.FromString((version / "saved_model.pb").read_bytes())
    signature = model.meta_graphs[0].signature_def["sample"]
    asked = {
        "seeds": list(seeds), "shape": list(shape), "input": signature.inputs["seed"].name,
        "output": signature.outputs["points"].name,
    }  # fmt: skip
    words = json.dumps([libraries, str(version), asked])
    return subprocess.run([sys.executable, "-I", "-c", PROGRAM, words], capture_output=True, text=True)


def test_the_loader_of_the_c_library_runs_it(served: tuple[Trained, Path]) -> None:
    trained, version = served
    done = run_in_c(version, SEEDS, [len(SEEDS)])
    assert done.returncode == 0, done.stderr
    points = np.reshape(json.loads(done.stdout), [len(SEEDS), 2])
    expected = trained.call("sample", {"seed": np.array(SEEDS)})["points"]
    np.testing.assert_allclose(points, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((3, 2), "[3,2] is not compatible with expected shape [?]"),
        ((), "[] is not compatible with expected shape [?]"),
        ((0,), "sample: seed has nothing in it"),
        ((1025,), "sample: seed has more than 1024 rows"),
    ],
)
def test_the_model_itself_refuses_what_it_cannot_answer(
    served: tuple[Trained, Path], shape: tuple[int, ...], message: str
) -> None:
    done = run_in_c(served[1], [1] * math.prod(shape), shape)
    assert done.returncode == 1
    assert message in done.stderr


def test_the_command_line_of_tensorflow_shows_its_signatures(served: tuple[Trained, Path]) -> None:
    program = "import sys; from tensorflow.python.tools.saved_model_cli import main; sys.exit(main())"
    words = ["show", "--dir", str(served[1]), "--tag_set", "serve", "--signature_def", "sample"]
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "inputs['seed'] tensor_info" in done.stdout
    assert "outputs['points'] tensor_info" in done.stdout
    assert "shape: (-1, 2)" in done.stdout
