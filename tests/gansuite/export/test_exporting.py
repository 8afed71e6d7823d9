"""Runs become versions of a model: whole, checked, and the same as the run."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from batching import limits
from exported import NAME, exported, opened
from google.protobuf import text_format
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.config import model_server_config_pb2

from gansuite.domain import Domain, Endpoint
from gansuite.errors import GansuiteError, PluginError
from gansuite.export.asking import example_inputs
from gansuite.export.beside import CARD, write_around
from gansuite.export.guarding import MOST_ROWS, require
from gansuite.export.verifying import distance
from gansuite.export.warmup import read_warmup
from gansuite.runs import Run
from gansuite.training.trained import Trained
from ring import RingDomain


@pytest.fixture(scope="module")
def served(run: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Path]:
    """The run, and the folder of its first version."""
    trained = opened(run)
    return trained, exported(trained, tmp_path_factory.mktemp("served"))


@pytest.mark.parametrize("rows", [1, 3, 64])
def test_every_signature_answers_as_the_run_does(served: tuple[Trained, Path], rows: int) -> None:
    trained, version = served
    signatures = tf.saved_model.load(str(version)).signatures
    endpoints = trained.domain.endpoints()
    assert set(signatures) == set(endpoints)
    for name, endpoint in endpoints.items():
        inputs = example_inputs(name, endpoint, 64)
        first = {key: value[:rows] for key, value in inputs.items()}
        answers = signatures[name](**{key: tf.constant(value) for key, value in first.items()})
        expected = trained.call(name, inputs)
        assert answers.keys() == expected.keys()
        for key, value in answers.items():
            np.testing.assert_allclose(value, expected[key][:rows], rtol=1e-6, atol=1e-6)


def test_a_server_finds_all_it_needs(served: tuple[Trained, Path]) -> None:
    _, version = served
    assert version.name == "1"
    assert (version / "saved_model.pb").is_file()
    assert [path.name for path in version.parent.iterdir()] == ["1"]
    folder = version.parent.parent
    assert f'name: "{NAME}" base_path: "/models/{NAME}"' in (folder / "models.config").read_text()
    assert "models.config" in (folder / "compose.yaml").read_text()
    assert "num_batch_threads" in (folder / "batching.config").read_text()
    # As many rows as the model itself takes, in parts.
    assert limits((version / "batching_params.pbtxt").read_text()) == (MOST_ROWS, 64)
    card = (version / "assets.extra" / "model-card.md").read_text()
    assert "`sample`" in card
    assert "after\n2 steps" in card


def card(run: Run, folder: Path, kind: type[Domain] = RingDomain) -> str:
    return (exported(opened(run, kind), folder) / CARD).read_text()


def test_the_card_counts_the_data_and_names_none_of_it(run: Run, tmp_path: Path) -> None:
    class Labelled(RingDomain):
        def classes(self) -> int:
            return 2

    data = {
        "images": {
            "kind": "folders of Ms Smith", "counts": {"train": 90, "valid": [4, 5]},
            "classes": ["cat", "dog"], "skipped": [["Smith/1.png", "is empty"]], "skipped_count": 70,
        },
        "music": {"skipped": {"no notes": ["Smith.mid", "b.mid"]}},
        "labels": ["cat", "dog"],
    }  # fmt: skip
    private = Run(shutil.copytree(run.path, tmp_path / "run"), run.plugin)
    private.environment_file.write_text(json.dumps({"data": data}))
    text = card(private, tmp_path)
    for line in (
        "- images.counts.train: 90", "- images.counts.valid: [4, 5]", "- images.classes: 2",
        "- images.skipped_count: 70", "- music.skipped.no notes: 2",
    ):  # fmt: skip
        assert f"{line}\n" in text
    assert "images.skipped:" not in text
    assert [name for name in ("Smith", "b.mid", "cat", "dog") if name in text] == []
    # What a client asks for by number it has to know.
    assert "- 0: cat\n- 1: dog\n" in card(private, tmp_path, Labelled)


def test_the_card_says_what_the_numbers_are(run: Run, tmp_path: Path) -> None:
    class Explained(RingDomain):
        def endpoints(self) -> dict[str, Endpoint]:
            (sample,) = super().endpoints().values()
            return {"sample": dataclasses.replace(sample, meanings={"points": "x and y"})}

        def classes(self) -> int:
            return 2

    text = card(run, tmp_path, Explained)
    assert "- `sample`, `seed`: any whole number; the same one gives the same\n" in text
    assert "- `sample`, `points`: x and y\n" in text
    # Classes without names.
    assert "- 0 to 1\n" in text


@pytest.mark.parametrize(("step", "told"), [(2, True), (1, False), (None, False)])
def test_the_card_tells_the_quality_of_what_is_exported(
    run: Run, tmp_path: Path, step: int | None, told: bool
) -> None:
    judged = Run(shutil.copytree(run.path, tmp_path / "run"), run.plugin)
    scores = [{"name": "radius", "value": 0.5, "meaning": "how far out"}]
    judged.evaluation_file.write_text(json.dumps({"step": step, "count": 8, "scores": scores}))
    text = card(judged, tmp_path)
    assert ("- radius: 0.5. how far out" in text) == ("## Quality" in text) == told


def test_a_server_is_warmed_up_with_every_signature(served: tuple[Trained, Path]) -> None:
    trained, version = served
    signatures = tf.saved_model.load(str(version)).signatures
    requests = read_warmup(version)
    assert [one.model_spec.signature_name for one in requests] == list(trained.domain.endpoints())
    for request in requests:
        assert request.model_spec.name == NAME
        inputs = {
            key: tf.constant(tf.make_ndarray(tensor_pb2.TensorProto.FromString(value.SerializeToString())))
            for key, value in request.inputs.items()
        }
        assert signatures[request.model_spec.signature_name](**inputs)


class Drawing(RingDomain):
    """Its endpoint draws from a state of its own."""

    def endpoints(self) -> dict[str, Endpoint]:
        def sample(networks: Any, seed: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"points": tf.random.normal([tf.size(seed), 2])}

        return {"sample": dataclasses.replace(super().endpoints()["sample"], function=sample)}


class Comparing(RingDomain):
    """Its answers depend on the rest of the batch."""

    def endpoints(self) -> dict[str, Endpoint]:
        whole = super().endpoints()["sample"]

        def sample(networks: Any, seed: tf.Tensor) -> dict[str, tf.Tensor]:
            points = whole.function(networks, seed=seed)["points"]
            return {"points": points - tf.reduce_mean(points, axis=0)}

        return {"sample": dataclasses.replace(whole, function=sample)}


class Summing(RingDomain):
    """Its answers depend on the rows before; the first has none."""

    def endpoints(self) -> dict[str, Endpoint]:
        whole = super().endpoints()["sample"]

        def sample(networks: Any, seed: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"points": tf.cumsum(whole.function(networks, seed=seed)["points"])}

        return {"sample": dataclasses.replace(whole, function=sample)}


class Refusing(RingDomain):
    """It refuses what is made up for it."""

    def endpoints(self) -> dict[str, Endpoint]:
        whole = super().endpoints()["sample"]

        def sample(networks: Any, seed: tf.Tensor) -> dict[str, tf.Tensor]:
            with tf.control_dependencies([require(tf.reduce_all(seed > 99), "seeds are larger than 99")]):
                return whole.function(networks, seed=tf.identity(seed))

        return {"sample": dataclasses.replace(whole, function=sample)}


class Greedy(RingDomain):
    """It needs more memory than there is."""

    def endpoints(self) -> dict[str, Endpoint]:
        whole = super().endpoints()["sample"]

        def sample(networks: Any, seed: tf.Tensor) -> dict[str, tf.Tensor]:
            many = tf.ones([1 << 25, (1 << 25) * tf.size(seed)])
            return {"points": whole.function(networks, seed=seed)["points"] + many[:1, :1]}

        return {"sample": dataclasses.replace(whole, function=sample)}


class Untraceable(RingDomain):
    """Its code is wrong."""

    def endpoints(self) -> dict[str, Endpoint]:
        def sample(networks: Any, seed: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"points": networks["painter"](seed)}

        return {"sample": dataclasses.replace(super().endpoints()["sample"], function=sample)}


class Texts(RingDomain):
    """It takes texts, and says nothing of what they are like."""

    def endpoints(self) -> dict[str, Endpoint]:
        def length(networks: Any, words: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"length": tf.strings.length(words)}

        words = tf.TensorSpec([None], tf.string)
        return {**super().endpoints(), "length": Endpoint(function=length, inputs={"words": words})}


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        (Drawing, PluginError, "RandomStandardNormal, which has hidden state"),
        (Comparing, PluginError, "output points depends on what else is in the batch"),
        (Summing, PluginError, "output points depends on what else is in the batch"),
        (Refusing, PluginError, "sample: fails with InvalidArgumentError: assertion failed: .seeds are larg"),
        (Greedy, PluginError, "endpoint sample: fails with ResourceExhaustedError: OOM"),
        (Untraceable, PluginError, "endpoint sample: fails with KeyError: 'painter'"),
        (Texts, PluginError, "input words of type string needs an example"),
    ],
)
def test_what_cannot_be_served_is_refused_and_leaves_nothing(
    run: Run, tmp_path: Path, kind: type[Domain], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        exported(opened(run, kind), tmp_path / "served")
    assert not (tmp_path / "served").exists()


def test_an_answer_that_is_not_the_runs_is_not_published(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = opened(run)
    # What the run says changes after it was written: as if it had been written wrongly.
    compiled = type(trained.answers).compiled

    def other(self: Any, name: str) -> Callable[..., Any]:
        function = compiled(self, name)
        if name != "sample" or not changed:
            return function
        return lambda **inputs: {key: value + 1e-3 for key, value in function(**inputs).items()}

    changed: list[bool] = []
    monkeypatch.setattr(type(trained.answers), "compiled", other)
    save = tf.saved_model.save

    def saved(*arguments: Any, **more: Any) -> None:
        save(*arguments, **more)
        changed.append(True)

    monkeypatch.setattr(tf.saved_model, "save", saved)
    with pytest.raises(GansuiteError, match=r"output points of \d rows differs by"):
        exported(trained, tmp_path / "served")
    assert not (tmp_path / "served").exists()


def test_what_lies_in_the_working_folder_does_not_get_into_a_check(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('hidden')\n")
    monkeypatch.chdir(tmp_path)
    assert exported(opened(run), tmp_path / "served").is_dir()


def test_only_models_are_told_to_a_server(run: Run, tmp_path: Path) -> None:
    for other in ("photos/2024", "a 'model'/1", "empty"):
        (tmp_path / other).mkdir(parents=True)
    (tmp_path / "a 'model'" / "1" / "saved_model.pb").write_text("")
    exported(opened(run), tmp_path)
    assert re.findall(r'name: "(.*?)"', (tmp_path / "models.config").read_text()) == [NAME]


def test_a_version_with_zeros_before_its_number_is_a_version(tmp_path: Path) -> None:
    (tmp_path / "other" / "0001").mkdir(parents=True)
    (tmp_path / "other" / "0001" / "saved_model.pb").write_text("")
    write_around(tmp_path)
    config = model_server_config_pb2.ModelServerConfig()
    text_format.Parse((tmp_path / "models.config").read_text(), config)
    (model,) = config.model_config_list.config
    assert (model.name, model.base_path) == ("other", "/models/other")


def test_models_that_are_exported_at_once_are_all_told(tmp_path: Path) -> None:
    names = [f"model-{number}" for number in range(8)]

    def one(name: str) -> None:
        (tmp_path / name / "1").mkdir(parents=True)
        (tmp_path / name / "1" / "saved_model.pb").write_text("")
        write_around(tmp_path)

    threads = [threading.Thread(target=one, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert re.findall(r'name: "(.*?)"', (tmp_path / "models.config").read_text()) == names


def test_a_server_gets_no_network_that_it_does_not_need(served: tuple[Trained, Path]) -> None:
    trained, version = served
    kept = tf.train.load_checkpoint(str(version / "variables" / "variables")).get_variable_to_shape_map()
    sizes = sorted(tuple(shape) for name, shape in kept.items() if name.startswith("weights/"))
    assert sizes == sorted(tuple(one.shape) for one in trained.local.networks["generator"].variables)


def test_what_is_not_a_number_is_no_equal() -> None:
    numbers, nothing = np.array([0.5, 1.0]), np.array([0.5, np.nan])
    assert distance(numbers, numbers) == distance(nothing, nothing) == 0.0
    assert distance(numbers, nothing) == distance(nothing, numbers) == np.inf
