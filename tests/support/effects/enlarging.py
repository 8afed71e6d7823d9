"""Super-resolution: what is read, the two phases, and the networks."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from effects.bench import Bench, of_enlarging, reported
from gansuite.domain import Domain
from gansuite.errors import DataError
from gansuite.game import Player, Turn
from gansuite.losses.adversarial import ADVERSARIAL_LOSSES
from gansuite.noise import Noise


def turned(bench: Bench, *sets: str) -> tuple[Domain, Turn]:
    """A domain and a turn of two of its crops."""
    domain = bench.domain(*sets)
    batch = domain.examples("train").load(tf.range(2, dtype=tf.int64), Noise(seed=0, rows=2))
    step = tf.constant(0, tf.int64)
    return domain, Turn(networks=domain.networks(), batch=batch, noise=Noise(seed=0, rows=2), step=step)


def second_phase(bench: Bench, *sets: str) -> tuple[Player, dict[str, float]]:
    """The generator's player of the adversarial phase, and its terms."""
    domain, turn = turned(bench, *sets)
    generator = domain.phases()[1].players[1]
    return generator, {name: float(term) for name, term in generator.loss(turn).items()}


def spec(bench: Bench, *sets: str, split: Any = "train") -> dict[str, int]:
    return {name: one.shape[0] for name, one in bench.domain(*sets).examples(split).spec.items()}


@of_enlarging("data.scale", "data.crop")
def _(bench: Bench) -> None:
    for scale, crop in ((2, 16), (4, 16), (2, 18)):
        sets = (f"data.scale={scale}", f"data.crop={crop}", "data.tile=20")
        assert spec(bench, *sets) == {"high": crop, "low": crop // scale}
        assert bench.network("generator", *sets)(tf.zeros([1, 3, 5, 3])).shape == (1, 3 * scale, 5 * scale, 3)
        assert bench.network("discriminator", *sets).input_shape == (None, crop, crop, 3)


@of_enlarging("data.tile")
def _(bench: Bench) -> None:
    # Pictures of 20 × 30: two tiles of 20 each, four of 16 (two rows that overlap).
    for tile, count in ((20, 2), (16, 4)):
        domain: Any = bench.domain(f"data.tile={tile}", "data.valid_share=0")
        assert domain.cache.arrays["train_high"].shape == (12 * count, tile, tile, 3)


@of_enlarging("data.augment")
def _(bench: Bench) -> None:
    # With crops as large as tiles nothing is left to chance but how they are turned.
    def pictures(augment: str) -> np.ndarray:
        examples = bench.domain(f"data.augment={augment}", "data.tile=16").examples("train")
        noise = Noise(seed=0, rows=examples.size)
        return np.asarray(examples.load(tf.range(examples.size, dtype=tf.int64), noise)["high"])

    as_is, augmented = pictures("false"), pictures("true")
    same = (as_is == augmented).all(axis=(1, 2, 3))
    assert 0 < same.mean() < 0.5
    np.testing.assert_allclose(as_is.mean(axis=(1, 2)), augmented.mean(axis=(1, 2)), atol=1e-5)


@of_enlarging("data.valid_share")
def _(bench: Bench) -> None:
    domain: Any = bench.domain("data.valid_share=0.5")
    counts = {split: domain.cache.info["counts"][split]["photographs"] for split in ("train", "valid")}
    assert sum(counts.values()) == 12
    assert min(counts.values()) > 1


@of_enlarging("generator.blocks", "generator.width", "generator.ends")
def _(bench: Bench) -> None:
    for blocks, width, ends in ((1, 2, 3), (3, 5, 7)):
        sets = (f"generator.blocks={blocks}", f"generator.width={width}", f"generator.ends={ends}")
        kernels = [
            one.kernel.shape for one in bench.network("generator", *sets).layers if hasattr(one, "kernel")
        ]
        assert kernels == [
            (ends, ends, 3, width), *[(3, 3, width, width)] * (2 * blocks + 1), (ends, ends, width, 12),
        ]  # fmt: skip


@of_enlarging("generator.batch_norm", "generator.activation", "generator.upsampling", "generator.bicubic")
def _(bench: Bench) -> None:
    def kinds(*sets: str) -> list[str]:
        return [type(layer).__name__ for layer in bench.network("generator", *sets).layers]

    assert ("BatchNormalization" in kinds("generator.batch_norm=true"), "BatchNormalization" in kinds()) == (
        True,
        False,
    )
    assert ("PReLU" in kinds("generator.activation=prelu"), "PReLU" in kinds()) == (True, False)
    assert ("Bicubic" in kinds("generator.bicubic=false"), "Bicubic" in kinds()) == (False, True)
    for upsampling, shuffles in (("at-once", 1), ("stepwise", 2)):
        assert kinds("data.scale=4", f"generator.upsampling={upsampling}").count("PixelShuffle") == shuffles


@of_enlarging("discriminator.width", "discriminator.dense", "discriminator.batch_norm")
def _(bench: Bench) -> None:
    network = bench.network(
        "discriminator", "discriminator.width=3", "discriminator.dense=5", "discriminator.batch_norm=true"
    )
    assert [one.filters for one in network.layers if isinstance(one, keras.layers.Conv2D)][::2] == [
        3,
        6,
        12,
        24,
    ]
    assert network.get_layer("dense").units == 5
    for given, count in (("true", 7), ("false", 0)):
        layers = bench.network("discriminator", f"discriminator.batch_norm={given}").layers
        assert len([one for one in layers if isinstance(one, keras.layers.BatchNormalization)]) == count


@of_enlarging("content.steps")
def _(bench: Bench) -> None:
    first, second = bench.domain("content.steps=7").phases()
    assert (first.steps, second.steps) == (7, None)
    run = bench.trained("content.steps=2", "training.steps=3", "training.report_every=1")
    assert [row["phase"] for row in reported(run)] == ["content", "content", "adversarial"]


@of_enlarging("content.loss")
def _(bench: Bench) -> None:
    _, turn = turned(bench)
    apart = turn.networks["generator"](turn.batch["low"]) - turn.batch["high"]
    for loss, value in (("l1", tf.abs(apart)), ("l2", tf.square(apart))):
        of_first = bench.player("content/generator", f"content.loss={loss}").loss(turn)
        assert float(of_first[loss]) == pytest.approx(float(tf.reduce_mean(value)), rel=1e-5)
        assert loss in second_phase(bench, f"content.loss={loss}")[1]


@of_enlarging("perceptual.model", "perceptual.weight")
def _(bench: Bench) -> None:
    assert "perceptual" not in second_phase(bench, "perceptual.model=none")[1]
    assert "perceptual" not in second_phase(bench, "perceptual.weight=0")[1]
    player, terms = second_phase(bench, "perceptual.model=discriminator", "perceptual.weight=3")
    assert terms["perceptual"] > 0
    assert player.weights["perceptual"] == 3
    with pytest.raises(DataError, match="VGG19"):
        bench.domain("perceptual.model=vgg19", "perceptual.file=lost.h5").phases()


@of_enlarging("perceptual.file", "perceptual.layers", "perceptual.preprocessing", "perceptual.scale")
def _(bench: Bench) -> None:
    """A network that gives its pictures back, and twice of them: what is compared is what it was shown."""
    pictures = keras.Input([None, None, 3])
    as_is = keras.layers.Identity(name="as_is")(pictures)
    file = bench.runs / "twice.keras"
    keras.Model(pictures, keras.layers.Rescaling(2.0, name="twice")(as_is)).save(file)
    sets = ("perceptual.model=file", f"perceptual.file={file}", "perceptual.preprocessing=symmetric")

    def perceptual(*more: str) -> float:
        return second_phase(bench, *sets, *more)[1]["perceptual"]

    plain = perceptual('perceptual.layers=["as_is"]', "perceptual.scale=1")
    _, terms = second_phase(
        bench, *sets, 'perceptual.layers=["as_is"]', "perceptual.scale=1", "content.loss=l2"
    )
    assert plain == pytest.approx(terms["l2"], rel=1e-4)
    both = perceptual('perceptual.layers=["as_is","twice"]', "perceptual.scale=1")
    assert both == pytest.approx(5 * plain, rel=1e-4)
    assert perceptual('perceptual.layers=["as_is"]', "perceptual.scale=3") == pytest.approx(
        9 * plain, rel=1e-4
    )
    one = ('perceptual.layers=["as_is"]', "perceptual.scale=1")
    expected = {"unit": 1 / 4, "pixels": 127.5**2, "caffe": 127.5**2}
    for preprocessing, times in expected.items():
        assert perceptual(*one, f"perceptual.preprocessing={preprocessing}") == pytest.approx(
            times * plain, rel=1e-3
        )
    assert perceptual(*one, "perceptual.preprocessing=imagenet") > 4 * plain
    with pytest.raises(DataError, match="no such file"):
        bench.domain(*sets, f"perceptual.file={bench.runs / 'lost.keras'}").phases()


@of_enlarging("adversarial.loss", "adversarial.weight", "adversarial.pixels")
def _(bench: Bench) -> None:
    for loss in ("minimax", "non-saturating", "least-squares", "hinge"):
        sets = (f"adversarial.loss={loss}", "adversarial.weight=0.5", "adversarial.pixels=2")
        domain, turn = turned(bench, *sets)
        player = domain.phases()[1].players[1]
        logits = turn.networks["discriminator"](turn.networks["generator"](turn.batch["low"]))[0]
        term = float(player.loss(turn)["adversarial"])
        assert term == pytest.approx(float(ADVERSARIAL_LOSSES[loss].generator(logits)), rel=1e-4, abs=1e-6)
        assert (player.weights["adversarial"], player.weights["l2"]) == (0.5, 2)
    assert "l2" not in second_phase(bench, "adversarial.pixels=0")[1]
