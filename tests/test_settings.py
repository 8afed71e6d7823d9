"""Every setting of our plugins does what `gansuite config` says it does.

`EFFECTS` has an entry for each path that `settings_of` gives, and for each setting of an array's tables: a
new setting without an entry fails here. An entry changes the setting and looks at what follows: the prepared
phrases, the networks, the steps an optimizer takes, the files that are written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras
import mido
import numpy as np
import pypianoroll
import pytest
import tensorflow as tf
from PIL import Image

from gansuite.composition import Request, compose
from gansuite.config import settings_of, to_toml
from gansuite.data.cards import card
from gansuite.domain import Domain
from gansuite.errors import ConfigError, DataError, UsageError
from gansuite.game import Player, Turn
from gansuite.losses.adversarial import ADVERSARIAL_LOSSES
from gansuite.noise import Noise
from gansuite.precision import layer_precision
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.training.observers import Metrics
from gansuite.training.optimizers import make_optimizer
from gansuite.training.session import train
from gansuite.training.strategy import make_strategy
from gansuite.training.trained import load_trained
from gansuite_image.config import ImageGAN
from gansuite_image.scoring import feature_model

Effect = Callable[["Bench"], None]

PLUGINS = ("musegan", "dcgan", "srgan")
EFFECTS: dict[tuple[str, str], Effect] = {}
#: Small enough that a network is built and trained in a moment.
SMALL = MappingProxyType(
    {
        "musegan": (
            "generator.channels=8", "generator.embedding=2", "critic.channels=8", "critic.embedding=2",
            "latents={shared=3,bar=2,track=2,track_bar=1}", "pitches={low=48,high=83}", "output.sound=false",
            'tracks=[{name="Tune",program=5,programs=["0-7"]},{name="Low",program=33,programs=["32-39"]}]',
            "data.min_notes=1", "data.min_tracks=1", "data.key=as-is", "critic.rounds=1",
            "training.batch_size=2", "training.average=0",
        ),
        "dcgan": (
            "latent=3", "data.size=8", "data.channels=1", "generator.width=2", "discriminator.width=2",
            "training.batch_size=2", "training.average=0",
        ),
        "srgan": (
            "data={scale=2,crop=16,tile=20}", "generator={blocks=1,width=4}", "content.steps=9",
            "discriminator={width=2,dense=4}", "training.batch_size=2", "training.average=0",
        ),
    }
)  # fmt: skip


def shows(*paths: str, plugins: tuple[str, ...] = PLUGINS) -> Callable[[Effect], Effect]:
    """Enter a function as what shows the effect of some settings."""

    def enter(effect: Effect) -> Effect:
        for plugin in plugins:
            for path in paths:
                assert (plugin, path) not in EFFECTS, f"two entries for {plugin} {path}"
                EFFECTS[plugin, path] = effect
        return effect

    return enter


def of_music(*paths: str) -> Callable[[Effect], Effect]:
    return shows(*paths, plugins=("musegan",))


def of_pictures(*paths: str) -> Callable[[Effect], Effect]:
    return shows(*paths, plugins=("dcgan",))


def of_enlarging(*paths: str) -> Callable[[Effect], Effect]:
    return shows(*paths, plugins=("srgan",))


class Bench:
    """Where a setting is tried: data of its own, and one plugin with small networks."""

    def __init__(self, plugin: str, path: str, songs: Path, pictures: Path, runs: Path) -> None:
        self.plugin = plugin
        self.path = path
        self.songs = songs
        self.pictures = pictures
        self.runs = runs

    def config(self, *sets: str) -> Any:
        source = self.songs if self.plugin == "musegan" else self.pictures
        given = [*SMALL[self.plugin], f"data.source={source}", *sets]
        return compose(load(self.plugin), Request(assignments=given))

    def domain(self, *sets: str) -> Domain:
        domain: Domain = load(self.plugin).build_domain(self.config(*sets))
        return domain

    def network(self, name: str, *sets: str) -> keras.Model:
        return self.domain(*sets).networks()[name]

    def player(self, name: str, *sets: str) -> Player:
        """The player of a name, or of a phase's name and its own with a stroke between."""
        players = [(phase, player) for phase in self.domain(*sets).phases() for player in phase.players]
        return next(
            player for phase, player in players if name in (player.name, f"{phase.name}/{player.name}")
        )

    def rolls(self, *sets: str, split: Any = "train") -> np.ndarray:
        """The phrases as prepared: bool (phrases, steps, tracks, pitches)."""
        examples: Any = self.domain(*sets).examples(split)
        return np.asarray(examples.read(np.arange(examples.size)))

    def images(self, *sets: str, split: Any = "train") -> np.ndarray:
        examples = self.domain(*sets).examples(split)
        return np.asarray(
            examples.load(tf.range(examples.size, dtype=tf.int64), Noise(seed=0, rows=examples.size))[
                "examples"
            ]
        )

    def trained(self, *sets: str) -> Run:
        """A run of some steps; made once for each choice of settings."""
        folder = self.runs / self.plugin / "-".join(sets).replace("/", "_")
        if not folder.exists():
            config = self.config(*sets)
            domain: Domain = load(self.plugin).build_domain(config)
            run = Run.create(folder, self.plugin, to_toml(config, header={"plugin": self.plugin, "api": 1}))
            train(run, domain, config.training, [Metrics()])
        return Run.open(folder)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four songs and twelve pictures."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "songs").mkdir()
    for number in range(4):
        write_song(folder / "songs" / f"{number}.mid", number)
    (folder / "pictures").mkdir()
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 255, (20, 30, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "pictures" / f"{number}.png")
    return folder


def write_song(path: Path, number: int) -> None:
    """Six bars of 4/4: a tune in E major with chords, a bass, and drums; then two of 3/4."""
    song = mido.MidiFile(type=1, ticks_per_beat=480)
    tune = [(240 * at, 240, 64 + step) for at, step in enumerate([0, 2, 4, 5, 7, 9, 11, 12] * 6)]
    tune += [(1920 * bar, 960, 71 + number) for bar in range(3)]
    tune += [(160 * at, 160, 76) for at in range(3)]
    bass = [(1920 * bar, 1920, 40 + 12) for bar in (0, 1, 2)]
    drums = [(480 * beat, 60, 50 if beat % 2 else 48) for beat in range(12)]
    signatures = [(0, mido.MetaMessage("time_signature", numerator=4, denominator=4))]
    signatures += [(6 * 1920, mido.MetaMessage("time_signature", numerator=3, denominator=4))]
    tune += [(6 * 1920 + 480 * at, 480, 64) for at in range(6)]
    song.tracks.append(midi_track(signatures))
    for name, channel, program, notes in (("Lead", 0, 0, tune), ("Deep", 1, 33, bass), ("Kit", 9, 0, drums)):
        events = [(0, mido.MetaMessage("track_name", name=name))]
        events += [(0, mido.Message("program_change", channel=channel, program=program))]
        for start, length, pitch in notes:
            events += [(start, mido.Message("note_on", channel=channel, note=pitch, velocity=64))]
            events += [(start + length, mido.Message("note_off", channel=channel, note=pitch))]
        song.tracks.append(midi_track(events))
    song.save(path)


def midi_track(events: list[tuple[int, Any]]) -> mido.MidiTrack:
    track, now = mido.MidiTrack(), 0
    for tick, message in sorted(events, key=lambda event: (event[0], event[1].type == "note_on")):
        track.append(message.copy(time=tick - now))
        now = tick
    return track


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


def paths_of(plugin: str) -> Iterator[str]:
    """Every dotted path of a plugin's settings, of what is in arrays too; tables are what is in them."""

    def walk(cls: type, prefix: str) -> Iterator[str]:
        for one in settings_of(cls):
            if one.kind.is_array_of_tables:
                assert one.kind.element is not None
                yield from walk(one.kind.element.base, f"{prefix}{one.path}[].")
            elif not one.kind.is_table:
                yield f"{prefix}{one.path}"

    return walk(load(plugin).config_class(), "")


CASES = [(plugin, path) for plugin in PLUGINS for path in paths_of(plugin)]


def test_every_setting_has_an_entry_and_every_entry_a_setting() -> None:
    assert set(EFFECTS) == set(CASES)


@pytest.mark.parametrize("plugin", ["gan", "cgan", "wgan", "wgan-gp", "sngan"])
def test_image_gans_differ_in_defaults_only(plugin: str) -> None:
    assert issubclass(load(plugin).config_class(), ImageGAN)
    assert list(paths_of(plugin)) == list(paths_of("dcgan"))


@pytest.mark.parametrize(("plugin", "path"), CASES)
def test_a_setting_does_what_it_says(
    plugin: str, path: str, data: Path, runs: Path, two_devices: list[str]
) -> None:
    EFFECTS[plugin, path](Bench(plugin, path, data / "songs", data / "pictures", runs))


# Training

ONE_BY_ONE = (
    "training.steps=4", "training.report_every=2", "training.sample_every=3", "training.checkpoint_every=1",
    "training.keep=3",
)  # fmt: skip
OTHERWISE = (
    "training.steps=3", "training.report_every=3", "training.sample_every=2", "training.checkpoint_every=2",
    "training.keep=1", "training.average=0.5", "training.seed=1", "training.batch_size=3",
)  # fmt: skip


def reported(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.metrics_file.read_text().splitlines()]


def steps_in(folder: Path) -> list[int]:
    return sorted(int(path.name.removeprefix("step-")) for path in folder.iterdir())


def saved(run: Run, step: int, kind: str) -> list[np.ndarray]:
    """What a checkpoint holds of the generator: its latest weights (`networks`) or their `averages`."""
    reader = tf.train.load_checkpoint(str(run.checkpoints / f"step-{step:08d}" / "state"))
    names = sorted(reader.get_variable_to_shape_map())
    return [reader.get_tensor(name) for name in names if name.startswith(f"{kind}/generator/")]


@shows("training.steps", "training.report_every")
def _(bench: Bench) -> None:
    assert [row["step"] for row in reported(bench.trained(*ONE_BY_ONE))] == [2, 4]
    assert [row["step"] for row in reported(bench.trained(*OTHERWISE))] == [3]


@shows("training.sample_every")
def _(bench: Bench) -> None:
    assert steps_in(bench.trained(*ONE_BY_ONE).samples) == [0, 3, 4]
    assert steps_in(bench.trained(*OTHERWISE).samples) == [0, 2, 3]


@shows("training.checkpoint_every", "training.keep")
def _(bench: Bench) -> None:
    assert steps_in(bench.trained(*ONE_BY_ONE).checkpoints) == [2, 3, 4]
    assert steps_in(bench.trained(*OTHERWISE).checkpoints) == [3]


@shows("training.batch_size")
def _(bench: Bench) -> None:
    assert reported(bench.trained(*ONE_BY_ONE))[-1]["examples_seen"] == 4 * 2
    assert reported(bench.trained(*OTHERWISE))[-1]["examples_seen"] == 3 * 3


@shows("training.average")
def _(bench: Bench) -> None:
    run = bench.trained(*ONE_BY_ONE)
    for average, latest in zip(saved(run, 4, "averages"), saved(run, 4, "networks"), strict=True):
        np.testing.assert_array_equal(average, latest)
    run = bench.trained(*OTHERWISE)
    pairs = zip(saved(run, 3, "averages"), saved(run, 3, "networks"), strict=True)
    assert any((average != latest).any() for average, latest in pairs)


@shows("training.seed")
def _(bench: Bench) -> None:
    one, other = (
        saved(bench.trained(*sets), step, "networks") for sets, step in ((ONE_BY_ONE, 4), (OTHERWISE, 3))
    )
    largest = max(range(len(one)), key=lambda number: one[number].size)
    assert np.abs(one[largest] - other[largest]).mean() > 1e-3


@shows("training.precision")
def _(bench: Bench) -> None:
    for name in ("float32", "bfloat16"):
        config = bench.config(f"training.precision={name}")
        with layer_precision(config.training.precision):
            networks = load(bench.plugin).build_domain(config).networks().values()
        arithmetic = {layer.compute_dtype for network in networks for layer in network.layers}
        assert name in arithmetic
        assert {weight.dtype for network in networks for weight in network.weights} == {"float32"}
        assert all(network.outputs[0].dtype == "float32" for network in networks)


@shows("training.strategy", "training.devices")
def _(bench: Bench) -> None:
    def replicas(*sets: str) -> int:
        return int(make_strategy(bench.config(*sets).training).num_replicas_in_sync)

    assert replicas("training.strategy=one") == 1
    assert replicas("training.strategy=mirrored") == 2
    assert replicas("training.strategy=mirrored", "training.devices=1") == 1
    assert replicas("training.strategy=auto", "training.devices=2") == 2
    with pytest.raises(UsageError, match="cannot use 2 devices"):
        replicas("training.strategy=one", "training.devices=2")


# Optimizers

GRADIENTS = (0.5, -0.25, 2.0)
BEFORE = 1.0


def moved(given: Any) -> float:
    """Where an optimizer made from the settings moves a weight to."""
    weight = keras.Variable(BEFORE)
    optimizer = make_optimizer(given)
    optimizer.build([weight])
    for gradient in GRADIENTS:
        optimizer.apply([tf.constant(gradient)], [weight])
    return float(weight.numpy())


def expected(kind: str, rate: float, beta_1: float, beta_2: float, epsilon: float, momentum: float) -> float:
    """The same by the rules' own formulas."""
    weight, mean, square, last = BEFORE, 0.0, 0.0, 0.0
    for step, gradient in enumerate(GRADIENTS, start=1):
        square = beta_2 * square + (1 - beta_2) * gradient**2
        if kind == "adam":
            mean = beta_1 * mean + (1 - beta_1) * gradient
            weight -= (
                rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step) * mean / (np.sqrt(square) + epsilon)
            )
        elif kind == "rmsprop":
            last = momentum * last + rate * gradient / np.sqrt(square + epsilon)
            weight -= last
        else:
            last = momentum * last - rate * gradient
            weight += last
    return float(weight)


OPTIMIZERS = {
    "musegan": {"generator": "generator.optimizer", "critic": "critic.optimizer"},
    "dcgan": {"generator": "generator_optimizer", "discriminator": "discriminator_optimizer"},
    "srgan": {
        "content/generator": "content.optimizer",
        "adversarial/generator": "adversarial.generator_optimizer",
        "adversarial/discriminator": "adversarial.discriminator_optimizer",
    },
}
VALUES = {
    "kind": ("adam", "rmsprop", "sgd"),
    "learning_rate": (0.1, 0.2),
    "beta_1": (0.2, 0.8),
    "beta_2": (0.3, 0.9),
    "epsilon": (1e-3, 0.5),
    "momentum": (0.0, 0.5),
}
#: Which settings a rule uses, as their help says.
USED = {
    "adam": ("learning_rate", "beta_1", "beta_2", "epsilon"),
    "rmsprop": ("learning_rate", "beta_2", "epsilon", "momentum"),
    "sgd": ("learning_rate", "momentum"),
}


def _moves_as_its_formula_says(bench: Bench) -> None:
    table, _, changed = bench.path.rpartition(".")
    player = next(name for name, path in OPTIMIZERS[bench.plugin].items() if path == table)
    others = {name: values[0] for name, values in VALUES.items() if name not in ("kind", changed)}
    for kind in VALUES["kind"]:
        ends = set()
        for value in VALUES[changed]:
            values = {"kind": kind, **others, changed: value}
            sets = [f"{table}.{name}={given}" for name, given in values.items()]
            end = moved(bench.player(player, *sets).optimizer)
            rate, *rest = (
                values[name] for name in ("learning_rate", "beta_1", "beta_2", "epsilon", "momentum")
            )
            assert end == pytest.approx(expected(values["kind"], rate, *rest), rel=1e-5)
            ends.add(round(end, 5))
        assert len(ends) == (len(VALUES[changed]) if changed == "kind" or changed in USED[kind] else 1)


for _plugin, _tables in OPTIMIZERS.items():
    for _table in _tables.values():
        shows(*(f"{_table}.{name}" for name in VALUES), plugins=(_plugin,))(_moves_as_its_formula_says)


# Music: what is read


@shows("data.source")
def _(bench: Bench) -> None:
    examples = bench.domain().examples("train")
    assert examples.size > 0
    with pytest.raises(UsageError, match="nowhere"):
        bench.domain("data.source=nowhere").examples("train")
    named = {"musegan": "chorales", "dcgan": "digits", "srgan": "photographs"}[bench.plugin]
    config = compose(load(bench.plugin), Request(assignments=[f"data.source={named}"]))
    of_card = card(named).settings[bench.plugin].get("data", {})
    assert {name: getattr(config.data, name) for name in of_card} == of_card


@of_music("data.steps_per_beat", "data.beats_per_bar", "data.bars")
def _(bench: Bench) -> None:
    def steps(*sets: str) -> int:
        found = {
            bench.rolls(*sets).shape[1],
            bench.network("generator", *sets).output_shape[1],
            bench.network("critic", *sets).input_shape[1],
        }
        assert len(found) == 1
        return found.pop()

    assert steps() == 2 * 4 * 4
    assert steps("data.steps_per_beat=3") == 2 * 4 * 3
    assert steps("data.beats_per_bar=3") == 2 * 3 * 4
    assert steps("data.bars=1") == 4 * 4


@of_music("data.hop_bars")
def _(bench: Bench) -> None:
    # Six bars hold phrases of two from bars 0 to 4, or from every other.
    songs = 4
    both = [
        len(bench.rolls(f"data.hop_bars={hop}", split=split))
        for hop in (1, 2)
        for split in ("train", "valid")
    ]
    assert (sum(both[:2]), sum(both[2:])) == (5 * songs, 3 * songs)


@of_music("data.metre")
def _(bench: Bench) -> None:
    # Six bars of 4/4 and two of 3/4: the last ones are left out, or counted as one and a half of 4/4.
    bars = [len(bench.domain(f"data.metre={metre}").cache.arrays["bars"]) for metre in ("file", "settings")]  # type: ignore[attr-defined]
    assert bars == [4 * 6, 4 * 8]


@of_music("data.key")
def _(bench: Bench) -> None:
    def classes(key: str) -> set[int]:
        lowest = bench.config().pitches.low
        return {
            (lowest + int(pitch)) % 12 for pitch in np.nonzero(bench.rolls(f"data.key={key}")[:, :, 0])[2]
        }

    e_major, c_major = {4, 6, 8, 9, 11, 1, 3}, {0, 2, 4, 5, 7, 9, 11}
    assert e_major <= classes("as-is")
    assert len(classes("normalise") - c_major) <= 1 < len(classes("as-is") - c_major)


@of_music("data.transpose")
def _(bench: Bench) -> None:
    def shifts(split: Any, most: int) -> set[int]:
        domain = bench.domain(f"data.transpose={most}", "pitches={low=30,high=100}")
        examples: Any = domain.examples(split)
        indices = np.arange(examples.size)
        noise = Noise(seed=0, rows=examples.size)
        moved = np.asarray(examples.load(tf.constant(indices, tf.int64), noise)["rolls"]).any(axis=(1, 2))
        still = examples.read(indices).any(axis=(1, 2))
        return set((moved.argmax(axis=1) - still.argmax(axis=1)).tolist())

    assert shifts("train", 0) == {0}
    assert len(shifts("train", 3)) > 2
    assert shifts("train", 3) <= set(range(-3, 4))
    assert shifts("valid", 3) == {0}


@of_music("data.min_notes", "data.min_tracks")
def _(bench: Bench) -> None:
    # The tune has 16 notes in two bars, and some chords; the bass plays in three of six bars.
    assert len(bench.rolls("data.min_notes=17")) < len(bench.rolls("data.min_notes=16"))
    assert len(bench.rolls("data.min_tracks=2")) < len(bench.rolls("data.min_tracks=1"))
    assert bench.rolls("data.min_tracks=2").any(axis=(1, 3)).all()
    with pytest.raises(ConfigError, match="more than there are tracks"):
        bench.config("data.min_tracks=3")


@of_music("data.valid_share")
def _(bench: Bench) -> None:
    for share, held_out in ((0.25, 1), (0.5, 2)):
        sizes = [len(bench.rolls(f"data.valid_share={share}", split=split)) for split in ("train", "valid")]
        assert sizes == [5 * (4 - held_out), 5 * held_out]


@of_music("pitches.low", "pitches.high")
def _(bench: Bench) -> None:
    whole = bench.rolls()
    low = bench.config().pitches.low
    assert whole.shape[-1] == 83 - 48 + 1
    part = bench.rolls("pitches={low=60,high=70}")
    np.testing.assert_array_equal(part, whole[..., 60 - low : 71 - low])
    assert bench.network("generator", "pitches={low=60,high=70}").output_shape[-1] == 11


def tracks(*tables: str) -> str:
    return f"tracks=[{','.join('{' + table + '}' for table in tables)}]"


def written(bench: Bench, rolls: np.ndarray, *sets: str) -> mido.MidiFile:
    return mido.MidiFile(next(path for path in rendered(bench, rolls, *sets) if path.suffix == ".mid"))


def rendered(bench: Bench, rolls: np.ndarray, *sets: str) -> list[Path]:
    """The files of one phrase: bool (steps, tracks, pitches)."""
    folder = bench.runs / f"files-{len(list(bench.runs.iterdir()))}"
    folder.mkdir()
    return bench.domain(*sets).render({"rolls": rolls[None]}, folder, ["phrase"])


def a_phrase(tracks: int = 2) -> np.ndarray:
    roll = np.zeros((32, tracks, 36), bool)
    roll[:16:4, :, 12] = True
    return roll


def messages(song: mido.MidiFile, kind: str) -> list[Any]:
    return [message for track in song.tracks for message in track if message.type == kind]


@of_music("tracks[].name")
def _(bench: Bench) -> None:
    song = written(bench, a_phrase(), tracks('name="One"', 'name="Two"'))
    assert [message.name for message in messages(song, "track_name")] == ["One", "Two"]


@of_music("tracks[].program")
def _(bench: Bench) -> None:
    song = written(bench, a_phrase(), tracks('name="One",program=7', 'name="Kit",program=9,drum=true'))
    programs = {message.channel: message.program for message in messages(song, "program_change")}
    assert programs == {0: 7, 9: 0}


@of_music("tracks[].drum")
def _(bench: Bench) -> None:
    kit = tracks('name="Kit",drum=true', 'name="Tune",programs=["0"]')
    moving = ("data.key=normalise", "data.transpose=5", "pitches={low=30,high=100}")
    examples: Any = bench.domain(kit, *moving).examples("train")
    size = examples.size
    loaded = np.asarray(examples.load(tf.range(size, dtype=tf.int64), Noise(seed=0, rows=size))["rolls"])
    struck = np.flatnonzero(loaded[:, :, 0].any(axis=(0, 1))) + 30
    assert struck.tolist() == [48, 50], "read from channel 10, moved neither to C nor at random"
    assert len(np.flatnonzero(loaded[:, :, 1].any(axis=(0, 1)))) > 8
    song = written(bench, a_phrase(), kit)
    assert 9 in {message.channel for message in messages(song, "note_on") if message.note == 60}
    assert len({message.channel for message in messages(song, "note_on")}) == 2


@of_music("tracks[].voices", "tracks[].keep")
def _(bench: Bench) -> None:
    def tune(table: str) -> np.ndarray:
        return bench.rolls(tracks(f'name="Tune",programs=["0"],{table}'), "data.min_notes=1")[:, :, 0]

    many = tune('voices="many"')
    assert many.sum(axis=2).max() > 1
    chord = many.sum(axis=2) > 1
    for keep, kept in (
        ("highest", lambda roll: roll.shape[1] - 1 - roll[:, ::-1].argmax(axis=1)),
        ("lowest", lambda roll: roll.argmax(axis=1)),
    ):
        one = tune(f'voices="one",keep="{keep}"')
        assert one.sum(axis=2).max() == 1
        np.testing.assert_array_equal(one[chord].argmax(axis=1), kept(many[chord]))
    soft = bench.network("generator", tracks('name="Tune",voices="one"'))(
        tf.random.stateless_normal([2, latents(bench, tracks("name='Tune'"))], [0, 1])
    )
    assert float(tf.reduce_max(tf.reduce_sum(soft, axis=-1))) <= 1.0


def latents(bench: Bench, *sets: str) -> int:
    return int(bench.network("generator", *sets).input_shape[-1])


@of_music("tracks[].programs")
def _(bench: Bench) -> None:
    def lowest(entry: str) -> int:
        return int(bench.rolls(tracks(f'name="A",programs=["{entry}"]')).any(axis=(0, 1, 2)).argmax()) + 48

    assert (lowest("0"), lowest("0-7")) == (64, 64)
    assert lowest("33") == 52
    both = bench.rolls(tracks('name="A",programs=["0"]', 'name="B",programs=["others"]'))
    assert int(both[:, :, 1].any(axis=(0, 1)).argmax()) + 48 == 52


@of_music("tracks[].names")
def _(bench: Bench) -> None:
    rolls = bench.rolls(tracks('name="A",programs=["0-127"]', 'name="B",names=["le?D*"]'))
    assert [int(rolls[:, :, track].any(axis=(0, 1)).argmax()) + 48 for track in (0, 1)] == [52, 64]


# Music: what is written


@of_music("output.tempo")
def _(bench: Bench) -> None:
    for tempo in (60.0, 120.0):
        song = written(bench, a_phrase(), f"output.tempo={tempo}")
        assert [mido.tempo2bpm(message.tempo) for message in messages(song, "set_tempo")] == [
            pytest.approx(tempo)
        ]
        assert song.length == pytest.approx(13 * 60 / tempo / 4, rel=0.01)


@of_music("output.velocity")
def _(bench: Bench) -> None:
    song = written(bench, a_phrase(), "output.velocity=33")
    assert {message.velocity for message in messages(song, "note_on") if message.velocity} == {33}


@of_music("output.sound")
def _(bench: Bench) -> None:
    for sound, suffixes in (("true", {".mid", ".png", ".wav"}), ("false", {".mid", ".png"})):
        assert {path.suffix for path in rendered(bench, a_phrase(), f"output.sound={sound}")} == suffixes


@of_music("output.soundfont")
def _(bench: Bench) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        bench.domain("output.sound=true", "output.soundfont=lost.sf2")
    bench.domain("output.sound=false", "output.soundfont=lost.sf2")


@of_music("output.npz")
def _(bench: Bench) -> None:
    assert not [path for path in rendered(bench, a_phrase()) if path.suffix == ".npz"]
    rolls = a_phrase()
    [path] = [path for path in rendered(bench, rolls, "output.npz=true") if path.suffix == ".npz"]
    song = pypianoroll.load(path)
    read = np.stack([track.pianoroll for track in song.tracks], axis=1)
    np.testing.assert_array_equal(read[:, :, 48:84], rolls * np.uint8(80))
    assert read.sum() == rolls.sum() * 80
    assert [(track.name, track.program, track.is_drum) for track in song.tracks] == [
        ("Tune", 5, False),
        ("Low", 33, False),
    ]
    assert (song.resolution, float(song.tempo[0]), song.downbeat.nonzero()[0].tolist()) == (4, 100.0, [0, 16])


# Music: networks


def heard(bench: Bench, first: int, count: int) -> np.ndarray:
    """When a soft roll changes because some latents do: bool (steps,)."""
    network = bench.network("generator")
    before = np.zeros((1, network.input_shape[-1]), np.float32)
    after = before.copy()
    after[:, first : first + count] = 3.0
    return np.asarray(np.abs(network(after) - network(before)).max(axis=(0, 2, 3)) > 1e-7)


@of_music("latents.shared", "latents.bar", "latents.track", "latents.track_bar")
def _(bench: Bench) -> None:
    """Of 3 shared, 2 × 2 bar, 2 × 2 track and 2 × 2 × 1 track and bar latents, each is heard in its bars."""
    grown = latents(bench, f"{bench.path}=10") - latents(bench)
    kind = bench.path.rpartition(".")[2]
    sizes = {"shared": 3, "bar": 2, "track": 2, "track_bar": 1}
    copies = {"shared": 1, "bar": 2, "track": 2, "track_bar": 4}
    assert grown == (10 - sizes[kind]) * copies[kind]
    first = sum(sizes[name] * copies[name] for name in list(sizes)[: list(sizes).index(kind)])
    changed = heard(bench, first, sizes[kind])
    reach = 8  # steps that convolutions carry over a bar line
    assert changed[:16].all()
    assert changed[16 + reach :].any() == (kind in ("shared", "track"))


@of_music("generator.channels")
def _(bench: Bench) -> None:
    for channels in (8, 20):
        network = bench.network("generator", f"generator.channels={channels}")
        assert network.get_layer("beat").output.shape[1:] == (8, channels)


@of_music("generator.embedding")
def _(bench: Bench) -> None:
    for size in (2, 5):
        assert bench.network("generator", f"generator.embedding={size}").get_layer("pitches").input.shape[
            1:
        ] == (32, 2 * size)


@of_music("critic.channels")
def _(bench: Bench) -> None:
    for channels in (8, 20):
        critic = bench.network("critic", f"critic.channels={channels}")
        first = next(layer for layer in critic.layers if type(layer).__name__ == "Halving")
        assert first.output.shape[1:] == (16, channels)


@of_music("critic.embedding")
def _(bench: Bench) -> None:
    for size in (2, 5):
        assert bench.network("critic", f"critic.embedding={size}").get_layer("pitches").output.shape[1:] == (
            32,
            2 * size,
        )


@of_music("critic.rounds")
def _(bench: Bench) -> None:
    assert bench.player("critic", "critic.rounds=7").rounds == 7
    assert bench.player("generator", "critic.rounds=7").rounds == 1


@of_music("critic.penalty")
def _(bench: Bench) -> None:
    assert bench.player("critic", "critic.penalty=2.5").weights == {"gradient_penalty": 2.5}


# Pictures


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
    weights = load_trained(run, bench.domain(*sets), print).answers.networks["discriminator"]
    largest = max(float(np.abs(weight.numpy()).max()) for weight in weights.trainable_weights)
    assert largest == pytest.approx(0.003, rel=1e-5)


@of_pictures("evaluation.features", "evaluation.file", "evaluation.layer")
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


# Super-resolution


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
    for loss in ("minimax", "non-saturating", "least-squares", "hinge", "wasserstein"):
        sets = (f"adversarial.loss={loss}", "adversarial.weight=0.5", "adversarial.pixels=2")
        domain, turn = turned(bench, *sets)
        player = domain.phases()[1].players[1]
        logits = turn.networks["discriminator"](turn.networks["generator"](turn.batch["low"]))[0]
        term = float(player.loss(turn)["adversarial"])
        assert term == pytest.approx(float(ADVERSARIAL_LOSSES[loss].generator(logits)), rel=1e-4, abs=1e-6)
        assert (player.weights["adversarial"], player.weights["l2"]) == (0.5, 2)
    assert "l2" not in second_phase(bench, "adversarial.pixels=0")[1]
