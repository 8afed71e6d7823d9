"""Every setting of pix2pix and cyclegan does what `gansuite config` says it does.

The tables `training` and `…_optimizer` are the core's own: what is in them is tried in
`tests/test_settings.py`, and here that they reach the players.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from entries import Effect, Entries, can_fail
from gansuite.config import settings_of
from gansuite.errors import DataError
from gansuite.game import Player, Turn
from gansuite.noise import Noise
from gansuite.registry import load
from gansuite.settings import Optimizer, Training

PLUGINS = ("pix2pix", "cyclegan")
EFFECTS = Entries()


class Bench:
    """Where a setting is tried: data of its own, and one plugin with small networks."""

    def __init__(self, plugin: str, path: str, source: Path, make: Callable[..., Any]) -> None:
        self.plugin = plugin
        self.path = path
        self.source = source
        self._make = make

    def domain(self, *sets: str) -> Any:
        small = ("generator.blocks=1",) if self.plugin == "cyclegan" else ()
        return self._make(self.plugin, self.source, *small, *sets)

    def networks(self, *sets: str) -> dict[str, keras.Model]:
        made: dict[str, keras.Model] = self.domain(*sets).networks()
        return made

    def generator(self, *sets: str) -> keras.Model:
        return next(net for name, net in self.networks(*sets).items() if name in ("generator", "a_to_b"))

    def judge(self, *sets: str) -> keras.Model:
        return next(net for name, net in self.networks(*sets).items() if name in ("discriminator", "judge_a"))

    def players(self, *sets: str) -> dict[str, Player]:
        [phase] = self.domain(*sets).phases()
        return {player.name: player for player in phase.players}

    def examples(self, *sets: str, split: str = "train", seed: int = 0) -> np.ndarray:
        """What the networks read: the inputs, or the pictures of A."""
        found = self.domain(*sets).examples(split)
        count = found.size
        batch = found.load(tf.range(count, dtype=tf.int64), Noise(seed=seed, rows=count))
        return np.asarray(batch["inputs" if self.plugin == "pix2pix" else "a"])

    def weight(self, term: str, *sets: str) -> float:
        """By what the generators multiply a term."""
        *_, player = self.players(*sets).values()
        return next(value for name, value in player.weights.items() if name.startswith(term))


def shows(*paths: str, plugins: tuple[str, ...] = PLUGINS) -> Callable[[Effect], Effect]:
    return EFFECTS.shows(*paths, plugins=plugins)


def paths_of(plugin: str) -> Iterator[str]:
    core: tuple[str, ...] = ()
    for one in settings_of(load(plugin).config_class()):
        if one.kind.base in (Optimizer, Training):
            core = (*core, f"{one.path}.")
        elif not one.kind.is_table and not one.path.startswith(core or "\0"):
            yield one.path


CASES = [(plugin, path) for plugin in PLUGINS for path in paths_of(plugin)]


def test_every_setting_has_an_entry_and_every_entry_a_setting() -> None:
    assert set(EFFECTS) == set(CASES)


@pytest.mark.parametrize(("plugin", "path"), CASES)
def test_a_setting_does_what_it_says(
    plugin: str, path: str, side_by_side: Path, make: Callable[..., Any]
) -> None:
    effect = EFFECTS[plugin, path]
    assert can_fail(effect)
    effect(Bench(plugin, path, side_by_side, make))


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_tables_of_the_core_reach_the_players(
    plugin: str, side_by_side: Path, make: Callable[..., Any]
) -> None:
    bench = Bench(plugin, "", side_by_side, make)
    players = bench.players("generator_optimizer.learning_rate=0.5", "discriminator_optimizer.kind=sgd")
    *judges, translator = players.values()
    assert translator.optimizer.learning_rate == 0.5
    assert {player.optimizer.kind for player in judges} == {"sgd"}
    assert isinstance(bench.domain().config.training, Training)


# Data


@shows("data.source")
def _(bench: Bench) -> None:
    assert len(bench.examples()) > 5
    with pytest.raises(DataError, match="nowhere"):
        bench.domain("data.source=nowhere").examples("train")


@shows("data.size", "data.channels")
def _(bench: Bench) -> None:
    for size, channels in ((16, 3), (32, 1)):
        sets = (f"data.size={size}", f"data.channels={channels}")
        assert bench.examples(*sets).shape[1:] == (size, size, channels)
        assert bench.generator(*sets).output_shape[-1] == channels
        judged = bench.judge(*sets).input_shape[-1]
        assert judged == channels * (2 if bench.plugin == "pix2pix" else 1)


@shows("data.fit")
def _(bench: Bench) -> None:
    # Halves are 24 × 24; cut to 24 × 12 here.
    wide = bench.source.parent / "wide"
    wide.mkdir()
    for number in range(4):
        from PIL import Image

        with Image.open(bench.source / f"{number}.png") as picture:
            picture.crop((0, 0, 48, 12)).save(wide / f"{number}.png")
    given = (f"data.source={wide}", "data.valid_share=0", "data.jitter=0", "data.flip=false")
    crop, pad, stretch = (bench.examples(*given, f"data.fit={fit}") for fit in ("crop", "pad", "stretch"))
    assert (pad[:, 0] == -1).all()
    assert (pad[:, 8] != -1).any()
    assert np.abs(crop - stretch).mean() > 0.05


@shows("data.jitter")
def _(bench: Bench) -> None:
    for jitter, moves in ((0, False), (6, True)):
        sets = (f"data.jitter={jitter}", "data.flip=false")
        assert bench.domain(*sets).cache.arrays["train_a"].shape[1] == 16 + jitter
        assert np.array_equal(bench.examples(*sets), bench.examples(*sets, seed=1)) != moves


@shows("data.flip")
def _(bench: Bench) -> None:
    as_is, flipped = (bench.examples("data.jitter=0", f"data.flip={flip}") for flip in ("false", "true"))
    mirrored = (flipped == as_is[:, :, ::-1]).all(axis=(1, 2, 3))
    same = (flipped == as_is).all(axis=(1, 2, 3))
    assert (mirrored ^ same).all()
    assert mirrored.any()
    assert same.any()


@shows("data.valid_share")
def _(bench: Bench) -> None:
    assert len(bench.examples("data.valid_share=0")) == 12
    halves = [len(bench.examples("data.valid_share=0.5", split=split)) for split in ("train", "valid")]
    assert sum(halves) == 12
    assert min(halves) > 1


@shows("data.direction", plugins=("pix2pix",))
def _(bench: Bench) -> None:
    there, back = (bench.examples(f"data.direction={way}", split="valid") for way in ("A-to-B", "B-to-A"))
    assert np.abs(there + back).max() < 0.02, "B is A inverted"
    assert list(bench.domain("data.direction=B-to-A").directions) == ["B-to-A"]


# Losses


@shows("loss")
def _(bench: Bench) -> None:
    """What the generator minimises where a discriminator answers 0 to everything."""
    values = {"non-saturating": np.log(2), "minimax": -np.log(2), "least-squares": 0.5, "hinge": 0.0}

    def judge(pictures: tf.Tensor, training: bool) -> tf.Tensor:
        return tf.zeros([pictures.shape[0], 4])

    def generator(inputs: list[tf.Tensor], training: bool) -> tf.Tensor:
        return inputs[0]

    networks: Any = dict.fromkeys(("generator", "a_to_b", "b_to_a"), generator)
    networks |= dict.fromkeys(("discriminator", "judge_a", "judge_b"), judge)
    for loss, value in values.items():
        batch = dict.fromkeys(("inputs", "targets", "a", "b"), tf.zeros([2, 16, 16, 3]))
        turn = Turn(
            networks=networks, batch=batch, noise=Noise(seed=0, rows=2), step=tf.constant(0, tf.int64)
        )
        *_, player = bench.players(f"loss={loss}").values()
        terms = player.loss(turn)
        for name in terms:
            if name.startswith("adversarial"):
                assert float(terms[name]) == pytest.approx(value, abs=1e-5)


@shows("adversarial")
def _(bench: Bench) -> None:
    assert bench.weight("adversarial", "adversarial=0.25") == 0.25
    if bench.plugin == "pix2pix":
        assert list(bench.networks("adversarial=0")) == ["generator"]


@shows("l1", plugins=("pix2pix",))
@shows("cycle", "identity", plugins=("cyclegan",))
def _(bench: Bench) -> None:
    assert bench.weight(bench.path, f"{bench.path}=7") == 7
    networks = bench.networks()
    domain = bench.domain(f"{bench.path}=0")
    batch = domain.examples("train").load(tf.range(1, dtype=tf.int64), Noise(seed=0))
    turn = Turn(networks=networks, batch=batch, noise=Noise(seed=0), step=tf.constant(0, tf.int64))
    [phase] = domain.phases()
    assert not [name for name in phase.players[-1].loss(turn) if name.startswith(bench.path)]


# Networks


def widths(network: keras.Model) -> list[int]:
    return [layer.filters for layer in network.layers if hasattr(layer, "filters")]


@shows("generator.width")
def _(bench: Bench) -> None:
    for width in (3, 5):
        expected = {"pix2pix": [width << level for level in range(4)], "cyclegan": [width, 2 * width]}
        found = widths(bench.generator(f"generator.width={width}"))
        assert found[: len(expected[bench.plugin])] == expected[bench.plugin]


@shows("generator.dropout")
def _(bench: Bench) -> None:
    kind = ("generator.kind=unet",) if bench.plugin == "cyclegan" else ()
    rates = [
        layer.rate
        for layer in bench.generator(*kind, "generator.dropout=0.3").layers
        if type(layer).__name__ == "StatelessDropout"
    ]
    assert rates == [0.3] * 3
    assert len(bench.generator(*kind, "generator.dropout=0").inputs) == 1


@shows("generator.kind", plugins=("cyclegan",))
def _(bench: Bench) -> None:
    for kind, joins in (("unet", "Concatenate"), ("resnet", "Add")):
        assert joins in {type(layer).__name__ for layer in bench.generator(f"generator.kind={kind}").layers}


@shows("generator.blocks", plugins=("cyclegan",))
def _(bench: Bench) -> None:
    for blocks in (1, 3):
        network = bench.generator(f"generator.blocks={blocks}")
        assert sum(isinstance(layer, keras.layers.Add) for layer in network.layers) == blocks


@shows("discriminator.width", "discriminator.layers")
def _(bench: Bench) -> None:
    for width, layers in ((3, 1), (5, 2)):
        network = bench.judge(f"discriminator={{width={width},layers={layers}}}")
        assert widths(network) == [*(width << level for level in range(layers + 1)), 1]


# Evaluation


@shows("perceptual.backbone", "perceptual.heads")
def _(bench: Bench) -> None:
    name = bench.path.rpartition(".")[2]
    shared = Path(__file__).resolve().parents[4] / "shared" / "data" / "squeezenet"
    if not shared.is_dir():
        pytest.skip(f"no real data at {shared}")
    backbone = f"perceptual.backbone={shared / 'squeezenet1_1_fp16.npz'}"
    heads = f"perceptual.heads={shared / 'lpips_squeeze_v0.1_lin.npz'}"
    large = ("data.size=32",)
    plain, judged = (
        {score.name: score for score in bench.domain(*large, *sets).scores(Same(bench.domain(*large)))}
        for sets in ((), (backbone,) if name == "backbone" else (backbone, heads))
    )
    added = judged.keys() - plain.keys()
    assert added
    assert all(one.startswith("perceptual distance") for one in added)
    assert all(("LPIPS heads" in judged[one].meaning) == (name == "heads") for one in added)


class Same:
    """An evaluation of a run that translates a picture into itself."""

    count, seed = 2, 0

    def __init__(self, domain: Any) -> None:
        self._domain = domain

    def examples(self, split: Any) -> Any:
        return self._domain.examples(split)

    def call(self, endpoint: str, inputs: Any) -> dict[str, np.ndarray]:
        return dict(inputs)
