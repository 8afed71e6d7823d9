"""What a server answers is what the run answers, over REST and over gRPC."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import model_server
import numpy as np
import prediction_server
import pytest
import tensorflow as tf
from exported import NAME

from gansuite.client import Limits, Server
from gansuite.errors import GansuiteError, UsageError
from gansuite.training.trained import Trained, served_trained

SEEDS = np.arange(10)
Serve = Callable[..., Any]


@pytest.fixture(params=[model_server.serving, prediction_server.serving], ids=["rest", "grpc"])
def serve(request: pytest.FixtureRequest) -> Serve:
    """Serves a folder of models in one of two languages."""
    found: Serve = request.param
    return found


@pytest.mark.parametrize("path", ["", "/", f"/v1/models/{NAME}", f"/v1/models/{NAME}/versions/1"])
def test_a_server_answers_as_the_run_does(served: tuple[Trained, Path], serve: Serve, path: str) -> None:
    trained, folder = served
    expected = trained.call("sample", {"seed": SEEDS})["points"]
    with serve(folder) as server:
        remote = served_trained(trained.run, trained.domain, server.url + path)
        np.testing.assert_allclose(remote.call("sample", {"seed": SEEDS})["points"], expected, rtol=1e-6)
        assert remote.step == trained.step
        with pytest.raises(UsageError, match="a server answers for it"):
            _ = remote.local


def test_rows_are_asked_for_some_at_a_time(served: tuple[Trained, Path], serve: Serve) -> None:
    trained, folder = served
    expected = trained.call("sample", {"seed": SEEDS})["points"]
    with serve(folder) as server:
        points = Server(server.url, NAME).call("sample", {"seed": SEEDS}, batch=4)["points"]
        np.testing.assert_allclose(points, expected, rtol=1e-6)
        assert ["etadata" in asked for asked in server.asked] == [True, False, False, False]
        Server(server.url, NAME, limits=Limits(numbers=5)).call("sample", {"seed": SEEDS})
        assert len(server.asked) == 4 + 1 + 2


class Kinds(tf.Module):
    """Answers with arrays of every kind."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64, name="seed")])
    def every(self, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        kinds = (tf.float32, tf.float64, tf.int32, tf.int64, tf.uint8)
        numbers = {kind.name: tf.cast(tf.stack([seed, 2 * seed], 1), kind) for kind in kinds}
        thirds = tf.cast(seed, tf.float64)[:, None, None] / 3
        words = tf.strings.as_string(seed)
        texts = tf.strings.join([words, b"\x00\xff"])
        pairs = {"pairs": tf.stack([words, words], 1), "pairs_bytes": tf.stack([texts, words], 1)}
        return {**numbers, "thirds": thirds, "bool": seed > 2, "word": words, "text_bytes": texts, **pairs}

    @tf.function(input_signature=[tf.TensorSpec([None, 2, None], tf.string, name="words")])
    def joined(self, words: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"joined_bytes": tf.strings.reduce_join(words, axis=[1, 2])}


def test_arrays_of_every_kind_come_back_as_they_were(tmp_path: Path, serve: Serve) -> None:
    module = Kinds()
    tf.saved_model.save(module, str(tmp_path / "kinds" / "1"), signatures={"every": module.every})
    with serve(tmp_path) as server:
        found = Server(server.url, "kinds").call("every", {"seed": SEEDS}, batch=7)
    for key, tensor in module.every(tf.constant(SEEDS)).items():
        expected = tensor.numpy()
        assert found[key].dtype == expected.dtype
        np.testing.assert_array_equal(found[key], expected)


@pytest.mark.parametrize("kind", [object, "S", "U"])
def test_texts_of_any_form_are_taken(tmp_path: Path, serve: Serve, kind: Any) -> None:
    module = Kinds()
    tf.saved_model.save(module, str(tmp_path / "kinds" / "1"), signatures={"joined": module.joined})
    content = "\xfc" if kind == "U" else b"\x80"
    words = np.array([[["a"], ["b"]], [["c"], ["d"]]]).astype(kind)
    words[1, 1, 0] = content
    with serve(tmp_path) as server:
        found = Server(server.url, "kinds").call("joined", {"words": words})["joined_bytes"]
    assert found.tolist() == [b"ab", b"c" + (content.encode() if kind == "U" else content)]  # type: ignore[union-attr]


@pytest.mark.parametrize("rows", [1, 64, 65, 1024])
def test_a_request_of_many_rows_is_answered_as_those_of_few(
    served: tuple[Trained, Path], serve: Serve, rows: int
) -> None:
    trained, folder = served
    seeds = np.arange(rows)
    expected = trained.call("sample", {"seed": seeds})["points"]
    with serve(folder) as server:
        found = Server(server.url, NAME).call("sample", {"seed": seeds}, batch=rows)["points"]
        assert len(server.asked) == 2
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_a_request_of_too_many_rows_is_refused(served: tuple[Trained, Path], serve: Serve) -> None:
    with serve(served[1]) as server, pytest.raises(GansuiteError, match="larger than maximum input batch"):
        Server(server.url, NAME).call("sample", {"seed": np.arange(1025)}, batch=1025)


def test_a_label_stands_for_a_version(served: tuple[Trained, Path], serve: Serve, tmp_path: Path) -> None:
    trained, folder = served
    models = tmp_path / "models"
    shutil.copytree(folder, models)
    config = models / "models.config"
    label = 'version_labels { key: "stable" value: 1 }'
    config.write_text(config.read_text().replace(" }\n", f" {label} }}\n"))
    with serve(models) as server:
        stable = Server(f"{server.url}/v1/models/{NAME}/labels/stable", NAME)
        found = stable.call("sample", {"seed": SEEDS})["points"]
        with pytest.raises(GansuiteError, match="Unrecognized servable version label: other"):
            Server(f"{server.url}/v1/models/{NAME}/labels/other", NAME).call("sample", {"seed": SEEDS})
    np.testing.assert_allclose(found, trained.call("sample", {"seed": SEEDS})["points"], rtol=1e-6)


def test_what_is_served_has_to_be_what_the_run_is(served: tuple[Trained, Path], serve: Serve) -> None:
    with serve(served[1]) as server:
        with pytest.raises(UsageError, match="no signature upscale; it has sample"):
            Server(server.url, NAME).call("upscale", {"images": SEEDS})
        with pytest.raises(UsageError, match="signature sample takes seed, not labels, seed"):
            Server(server.url, NAME).call("sample", {"seed": SEEDS, "labels": SEEDS})


class OfInt32(tf.Module):
    """Takes seeds of another type."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="seed")])
    def sample(self, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"points": tf.cast(tf.stack([seed, seed], 1), tf.float32)}


class OfPictures(tf.Module):
    """Takes the same, and makes something else of it."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64, name="seed")])
    def sample(self, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"images": tf.zeros([tf.size(seed), 4, 4, 1])}


class OfMore(OfPictures):
    """Can do more."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64, name="seed")])
    def sample_midi(self, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"midi_bytes": tf.strings.as_string(seed)}


@pytest.mark.parametrize(
    ("module", "signatures", "difference"),
    [
        (OfMore(), ("sample", "sample_midi"), "signature sample gives images, not points"),
        (OfMore(), ("sample_midi",), "it has no signature sample; it has sample_midi"),
        (OfInt32(), ("sample",), "signature sample takes seed int32 (any), not seed int64 (any)"),
        (OfPictures(), ("sample",), "signature sample gives images, not points"),
    ],
)
def test_another_model_is_recognised(
    served: tuple[Trained, Path],
    tmp_path: Path,
    serve: Serve,
    module: tf.Module,
    signatures: tuple[str, ...],
    difference: str,
) -> None:
    trained = served[0]
    functions = {name: getattr(module, name) for name in signatures}
    tf.saved_model.save(module, str(tmp_path / NAME / "1"), signatures=functions)
    with serve(tmp_path) as server:
        remote = served_trained(trained.run, trained.domain, server.url)
        with pytest.raises(UsageError) as caught:
            _ = remote.call("sample", {"seed": SEEDS})["points"]
    said = str(caught.value)
    assert said.startswith(f"{server.url}/v1/models/{NAME}: what is served is another model: {difference}\n")
    assert "Export this run and serve that" in said


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
        "http://somebody@host",
        "grpc://host",
        "grpc://host:8500/ring",
        "grpc://host:8500/v1/models/ring:predict",
        "grpcs://host:8500/v1/models/ring/versions/one",
        "grpc://host:8500/v1/models/ring/versions/1/2",
        "grpc://host:8500/v1/models/ring/versions/9223372036854775808",
    ],
)
def test_an_address_has_to_be_one(url: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a server"):
        Server(url, NAME)


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "gansuite.client.grpc", raising=False)
    monkeypatch.setitem(sys.modules, "tensorflow_serving.apis", None)
    with pytest.raises(UsageError, match=r"gRPC needs what is not installed") as caught:
        Server("grpc://localhost:8500", NAME)
    assert "pip install 'gansuite[serving]'" in str(caught.value)


def test_what_speaks_grpc_is_imported_only_where_it_is_used() -> None:
    program = """
import sys
from gansuite.client import Server
Server("http://localhost:8501", "ring")
print({"grpc", "tensorflow_serving"} & set(sys.modules))
Server("grpc://localhost:8500", "ring")
print(sorted({"grpc", "tensorflow_serving"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == ["set()", "['grpc', 'tensorflow_serving']"], done.stderr
