"""Music: what is read, what is written, and the networks between."""

from pathlib import Path
from typing import Any

import mido
import numpy as np
import pypianoroll
import pytest
import tensorflow as tf

from effects.bench import Bench, latents, of_music, shows
from gansuite.composition import Request, compose
from gansuite.data.cards import card
from gansuite.errors import ConfigError, UsageError
from gansuite.noise import Noise
from gansuite.registry import load


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
        assert song.length == pytest.approx(32 * 60 / tempo / 4)


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
        bench.domain("output.sound=true", "output.soundfont=lost.sf2").preview()
    bench.domain("output.sound=false", "output.soundfont=lost.sf2").preview()


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
