"""Pictures: what is read, the games, and the networks."""

from collections.abc import Callable
from functools import cache
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from effects.bench import Bench, latents, of_pictures
from gansuite.errors import ConfigError, DataError
from gansuite.game import Turn
from gansuite.noise import Noise
from gansuite.training.trained import load_trained
from gansuite_image.scoring import feature_model


@of_pictures("data.size", "data.channels")
def _(bench: Bench) -> None:
    for size, channels in ((8, 1), (16, 3)):
        sets = (f"data.size={size}", f"data.channels={channels}")
        shape = (size, size, channels)
        assert bench.images(*sets).shape[1:] == shape
        assert bench.network("generator", *sets).output_shape[1:] == shape
        assert bench.network("discriminator", *sets).input_shape[1:] == shape


@of_pictures("data.fit")
def _(bench: Bench) -> None:
    crop, pad, stretch = (
        bench.images("data.size=16", f"data.fit={fit}") for fit in ("crop", "pad", "stretch")
    )
    # Pictures of 30 × 20: a strip above and below remains black, or a third of the width is cut off.
    assert (pad[:, 0] == -1).all()
    assert (pad[:, 8] != -1).any()
    assert np.abs(crop - stretch).mean() > 0.05


@of_pictures("data.flip")
def _(bench: Bench) -> None:
    as_is, flipped = bench.images("data.flip=false"), bench.images("data.flip=true")
    mirrored = (flipped == as_is[:, :, ::-1]).all(axis=(1, 2, 3))
    same = (flipped == as_is).all(axis=(1, 2, 3))
    assert (mirrored ^ same).all()
    assert mirrored.any()
    assert same.any()
    held_out = [
        bench.images(f"data.flip={flip}", "data.valid_share=0.5", split="valid") for flip in ("true", "false")
    ]
    np.testing.assert_array_equal(*held_out)


@of_pictures("data.valid_share")
def _(bench: Bench) -> None:
    assert len(bench.images("data.valid_share=0")) == 12
    halves = [len(bench.images("data.valid_share=0.5", split=split)) for split in ("train", "valid")]
    assert sum(halves) == 12
    assert min(halves) > 1


@of_pictures("latent")
def _(bench: Bench) -> None:
    assert [latents(bench, f"latent={size}") for size in (3, 17)] == [3, 17]


@of_pictures("loss")
def _(bench: Bench) -> None:
    """On logits of 0 both are known: log 2 where the generator is to be taken for real, and −log 2."""
    values = {"non-saturating": np.log(2), "minimax": -np.log(2), "least-squares": 0.5, "hinge": 0}
    for loss, value in {**values, "wasserstein": 0}.items():
        [term] = bench.player("generator", f"loss={loss}").loss(turn_of(lambda _: tf.zeros(4))).values()
        assert float(term) == pytest.approx(value, rel=1e-6)


def turn_of(judge: Callable[[tf.Tensor], tf.Tensor], step: int = 0) -> Turn:
    """A turn on four pictures of 1s, with generated ones of 0s and a discriminator of any kind."""

    def generator(latents: tf.Tensor, **_: Any) -> tf.Tensor:
        return 0.0 * latents[:, :1, None, None] + tf.zeros([4, 2, 2, 1])

    def discriminator(examples: tf.Tensor, **_: Any) -> tf.Tensor:
        return judge(examples)

    return Turn(
        networks={"generator": generator, "discriminator": discriminator},  # type: ignore[dict-item]
        batch={"examples": tf.ones([4, 2, 2, 1])},
        noise=Noise(seed=0, rows=4),
        step=tf.constant(step, tf.int64),
    )


@of_pictures("rounds")
def _(bench: Bench) -> None:
    assert bench.player("discriminator", "rounds=3").rounds == 3


@of_pictures("penalty.kind", "penalty.weight")
def _(bench: Bench) -> None:
    """A critic ½·Σx has the slope ½ · √4 = 1 on pictures of 2 × 2, and twice of it has 2."""
    alone = ("discriminator.batch_norm=false", "penalty.weight=7")
    for slope, expected in (
        (0.5, {"gradient": 0.0, "one-sided": 0.0, "r1": 0.5}),
        (0.25, {"gradient": 0.25}),
    ):
        turn = turn_of(lambda examples, slope=slope: slope * tf.reduce_sum(examples, axis=[1, 2, 3]))  # type: ignore[misc]
        for kind, value in expected.items():
            player = bench.player("discriminator", f"penalty.kind={kind}", *alone)
            assert float(player.loss(turn)["penalty"]) == pytest.approx(value, abs=1e-5)
            assert player.weights["penalty"] == 7
    assert "penalty" not in bench.player("discriminator", "penalty.kind=none").loss(turn)
    with pytest.raises(ConfigError, match="judges each example alone"):
        bench.config("penalty.kind=r1", "discriminator.batch_norm=true")


@of_pictures("label_smoothing")
def _(bench: Bench) -> None:
    """With 0.1 of smoothing a logit of log 9 is the best answer to a real picture."""
    player = bench.player("discriminator", "label_smoothing=0.1")
    losses = [
        float(player.loss(turn_of(lambda _, at=at: tf.fill([4], at)))["real"])  # type: ignore[misc]
        for at in (np.log(9) - 0.5, np.log(9), np.log(9) + 0.5)
    ]
    assert losses[1] < min(losses[0], losses[2])
    with pytest.raises(ConfigError, match="no target to smooth"):
        bench.config("label_smoothing=0.1", "loss=hinge")


@of_pictures("instance_noise", "noise_steps")
def _(bench: Bench) -> None:
    def spread(step: int) -> float:
        seen: list[tf.Tensor] = []
        turn = turn_of(lambda examples: (seen.append(examples), tf.zeros(4))[1], step)
        bench.player("discriminator", "instance_noise=2", "noise_steps=10").loss(turn)
        return float(np.std(seen[0].numpy()))

    assert spread(0) == pytest.approx(2, rel=0.5)
    assert spread(5) == pytest.approx(spread(0) / 2, rel=1e-5)
    assert spread(10) == spread(100) == 0


@of_pictures("feature_matching")
def _(bench: Bench) -> None:
    player = bench.player("generator", "feature_matching=3")
    domain = bench.domain()
    networks = domain.networks()
    batch = domain.examples("train").load(tf.range(4, dtype=tf.int64), Noise(seed=0, rows=4))
    turn = Turn(networks=networks, batch=batch, noise=Noise(seed=0, rows=4), step=tf.constant(0, tf.int64))
    assert float(player.loss(turn)["feature_matching"]) > 0
    assert player.weights["feature_matching"] == 3
    assert "feature_matching" not in bench.player("generator").loss(turn)


@of_pictures("data.kind")
def _(bench: Bench) -> None:
    mlps = ("generator.architecture=mlp", "discriminator.architecture=mlp")
    assert bench.network("generator", "data.kind=points", *mlps).output_shape == (None, 2)
    with pytest.raises(ConfigError, match="points need an mlp"):
        bench.config("data.kind=points")


@of_pictures("data.classes", "discriminator.condition")
def _(bench: Bench) -> None:
    for condition in ("concat", "projection"):
        sets = ("data.classes=5", f"discriminator.condition={condition}")
        networks = bench.domain(*sets).networks()
        names = {layer.name for layer in networks["discriminator"].layers}
        assert ("projection" in names) == (condition == "projection")
        for network in networks.values():
            assert [tuple(one.shape) for one in network.inputs][1] == (None,)
        pictures = tf.zeros([2, 8, 8, 1])
        one, other = networks["discriminator"]([pictures + 0.5, tf.constant([0, 4])]).numpy()
        assert one != other
    with pytest.raises(DataError, match="have no labels"):
        bench.domain("data.classes=5").examples("train")


NETWORKS = ("generator", "discriminator")


@cache
def layer_of(name: str) -> type:
    kind: type = {"generator": keras.layers.Conv2DTranspose, "discriminator": keras.layers.Conv2D}[name]
    return kind


def convolutions(bench: Bench, *sets: str) -> list[Any]:
    name = bench.path.partition(".")[0]
    network = bench.network(name, "data.size=32", *(f"{name}.{one}" for one in sets))
    return [layer for layer in network.layers if isinstance(layer, layer_of(name))]


@of_pictures(*(f"{name}.{one}" for name in NETWORKS for one in ("width", "widest")))
def _(bench: Bench) -> None:
    def widths(*sets: str) -> list[int]:
        # The picture's own layer of the generator has as many channels as the picture.
        found = [layer.filters for layer in convolutions(bench, *sets)]
        return sorted(found if bench.path.startswith("discriminator") else found[:-1])

    whole = [5, 10, 20] if bench.path.startswith("discriminator") else [5, 10]
    assert widths("width=5", "widest=512") == whole
    assert widths("width=5", "widest=7") == [min(width, 7) for width in whole]


@of_pictures(*(f"{name}.{one}" for name in NETWORKS for one in ("architecture", "layers")))
def _(bench: Bench) -> None:
    name = bench.path.partition(".")[0]

    def kinds(*sets: str) -> list[str]:
        network = bench.network(name, *(f"{name}.{one}" for one in sets))
        return [type(layer).__name__ for layer in network.operations]

    assert kinds("architecture=dcgan").count("Dense") == 1
    assert kinds("architecture=resnet").count("Add") >= 1
    for layers in (1, 3):
        assert kinds("architecture=mlp", f"layers={layers}").count("Dense") == layers + 1


@of_pictures("generator.corners", "discriminator.corners")
def _(bench: Bench) -> None:
    which = bench.path.partition(".")[0]
    for architecture in ("dcgan", "resnet"):
        for corners, there in (("sharp", False), ("round", True)):
            sets = (f"{which}.architecture={architecture}", f"{which}.corners={corners}")
            kinds = {type(layer).__name__ for layer in bench.network(which, *sets).layers}
            assert ("Bend" in kinds) == there
            assert bool(kinds & {"ReLU", "LeakyReLU"}) != there


@of_pictures("discriminator.flat")
def _(bench: Bench) -> None:
    def seen(flat: str) -> int:
        sets = ("discriminator.architecture=resnet", f"discriminator.flat={flat}")
        return int(bench.network("discriminator", *sets).get_layer("features").output.shape[-1])

    places = seen("true") / seen("false")
    assert places > 1
    assert np.sqrt(places) % 1 == 0


@of_pictures("discriminator.spectral_norm")
def _(bench: Bench) -> None:
    for architecture in ("mlp", "dcgan", "resnet"):
        sets = (f"discriminator.architecture={architecture}", "discriminator.spectral_norm=true")
        network = bench.network("discriminator", *sets)
        heavy = [layer for layer in network.layers if hasattr(layer, "kernel")]
        assert len(heavy) > 1
        assert all(type(layer).__name__.startswith("Spectral") for layer in heavy)


@of_pictures("discriminator.deviation")
def _(bench: Bench) -> None:
    """Alone, a picture shows no deviation; among others it does."""
    sets = ("discriminator.deviation=true", "discriminator.batch_norm=false", "training.batch_size=4")
    network = bench.network("discriminator", *sets)
    pictures = tf.random.stateless_normal([4, 8, 8, 1], [0, 0])
    assert not np.allclose(network(pictures)[:1], network(pictures[:1]))
    with pytest.raises(ConfigError, match="must divide by it"):
        bench.config("discriminator.deviation=true", "training.batch_size=6")


@of_pictures("discriminator.clip")
def _(bench: Bench) -> None:
    sets = ("discriminator.clip=0.003", "discriminator.batch_norm=false")
    run = bench.trained(*sets, "training.steps=2")
    weights = load_trained(run, bench.domain(*sets), print).local.networks["discriminator"]
    largest = max(float(np.abs(weight.numpy()).max()) for weight in weights.trainable_weights)
    assert largest == pytest.approx(0.003, rel=1e-5)


@of_pictures("evaluation.features", "evaluation.file", "evaluation.layer", "evaluation.preprocessing")
def _(bench: Bench) -> None:
    """Files are looked for where the setting says; a classifier that was never trained is asked for."""
    scored = bench.domain("evaluation.features=none").config
    assert feature_model(scored, dict) is None  # type: ignore[arg-type]
    for sets in (
        ("evaluation.features=inception", "evaluation.file=nowhere.h5"),
        ("evaluation.features=file", "evaluation.file=nowhere.keras"),
    ):
        with pytest.raises(DataError, match="nowhere"):
            feature_model(bench.config(*sets), dict)  # type: ignore[arg-type]
    model = keras.Sequential(
        [keras.Input([8, 8, 3]), keras.layers.Conv2D(5, 3, name="five"), keras.layers.Flatten()]
    )
    file = bench.runs / "small.keras"
    model.save(file)
    named = ("evaluation.features=file", f"evaluation.file={file}")
    for layer, width in (("five", 5), ("", 180)):
        found = feature_model(bench.config(*named, f"evaluation.layer={layer}"), dict)  # type: ignore[arg-type]
        assert found is not None
        assert found.features(np.zeros([2, 16, 16, 1], np.float32)).shape == (2, width)
    grey, seen = np.full([2, 16, 16, 1], 0.5, np.float32), []
    for one in ("unit", "pixels"):
        found = feature_model(bench.config(*named, f"evaluation.preprocessing={one}"), dict)  # type: ignore[arg-type]
        assert found is not None
        seen.append(found.features(grey))
    assert seen[1] == pytest.approx(255 * seen[0], rel=1e-3, abs=1e-3)
    assert np.abs(seen[0]).max() > 0.01


@of_pictures(*(f"{name}.kernel" for name in NETWORKS))
def _(bench: Bench) -> None:
    for size in (2, 5):
        assert {layer.kernel_size for layer in convolutions(bench, f"kernel={size}")} == {(size, size)}


@of_pictures(*(f"{name}.batch_norm" for name in NETWORKS))
def _(bench: Bench) -> None:
    name = bench.path.partition(".")[0]
    for given in (True, False):
        network = bench.network(name, "data.size=32", f"{name}.batch_norm={str(given).lower()}")
        found = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
        assert bool(found) == given
        assert all(layer.synchronized for layer in found)
