"""Weight files are checked before they are believed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import keras
import numpy as np
import pytest

from gansuite.errors import DataError
from gansuite.models import vgg19
from gansuite.models.published import kept_by_keras
from gansuite.models.saved import load_network
from gansuite.models.vgg19 import ADDRESS, FILE, MD5, load_vgg19


def test_a_missing_file_is_said_where_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    assert kept_by_keras(FILE) == tmp_path / "home" / "models" / FILE
    for file in (None, tmp_path / "other.h5"):
        with pytest.raises(DataError, match="cannot be opened") as caught:
            load_vgg19(file)
        said = str(caught.value)
        assert all(part in said for part in (ADDRESS, MD5, str(tmp_path / "home" / "models" / FILE)))
        assert str(file or kept_by_keras(FILE)) in said


def test_another_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / FILE
    file.write_bytes(b"something else")
    with pytest.raises(DataError, match=r"its MD5 is [0-9a-f]{32}"):
        load_vgg19(file)
    monkeypatch.setattr(vgg19, "MD5_WITH_TOP", hashlib.md5(b"something else").hexdigest())  # noqa: S324
    with pytest.raises(DataError, match="with its classifier"):
        load_vgg19(file)


@pytest.mark.parametrize("name", [FILE, "vgg19.weights.h5"])
def test_published_weights_are_loaded_by_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Of a file in the published form, with random numbers in it."""
    published = keras.applications.VGG19(include_top=False, weights=None, input_shape=(None, None, 3))
    file = tmp_path / name
    _save_as_keras_2_did(published, file)
    monkeypatch.setattr(vgg19, "MD5", hashlib.md5(file.read_bytes()).hexdigest())  # noqa: S324
    network = load_vgg19(file)
    for given, loaded in zip(published.weights, network.weights, strict=True):
        np.testing.assert_array_equal(given, loaded)
    assert network.trainable_weights == []
    assert [one.name for one in network.layers if one.name.startswith("block5_conv")][-1] == "block5_conv4"
    # The features of the paper's φ5,4 are those after the activation.
    assert network.get_layer("block5_conv4").activation is keras.activations.relu


def _save_as_keras_2_did(network: keras.Model, file: Path) -> None:
    import h5py

    with h5py.File(file, "w") as opened:
        opened.attrs["layer_names"] = [layer.name.encode() for layer in network.layers]
        opened.attrs["backend"] = b"tensorflow"
        opened.attrs["keras_version"] = b"2.0.0"
        for layer in network.layers:
            group = opened.create_group(layer.name)
            names = [f"{layer.name}_{kind}_1:0" for kind in ("W", "b")[: len(layer.weights)]]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, layer.weights, strict=True):
                group.create_dataset(name, data=np.asarray(weight))


def test_a_saved_network_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "eye.keras"
    saved = keras.Sequential([keras.Input([None, None, 3]), keras.layers.Conv2D(2, 3)])
    saved.save(file)
    network = load_network(file)
    assert network.trainable_weights == []
    np.testing.assert_array_equal(network.get_weights()[0], saved.get_weights()[0])


def test_files_that_are_no_networks_of_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_network(tmp_path / "lost.keras")
    (tmp_path / "text.keras").write_text("hello")
    with pytest.raises(DataError, match="cannot be used"):
        load_network(tmp_path / "text.keras")
    keras.Sequential([keras.Input([4]), keras.layers.Dense(2)]).save(tmp_path / "dense.keras")
    with pytest.raises(DataError, match="not RGB pictures"):
        load_network(tmp_path / "dense.keras")


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    file = tmp_path / "code.keras"
    keras.Sequential([keras.Input([8, 8, 3]), keras.layers.Lambda(lambda x: x + 1)]).save(file)
    with pytest.raises(DataError, match="cannot be used"):
        load_network(file)
