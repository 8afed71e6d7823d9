"""What a run costs once it is served: its signatures beside bare networks, and MIDI files made by a graph.

    python benchmarks/serving.py [--plugin NAME]… [--phrases N] [--rounds N] [--append] [--quick]

Runs with their default settings (`pix2pix` without dropout, which a bare network would have to be given),
trained for two steps, are written as `gansuite export` writes them: `dcgan` and `musegan` generate, `pix2pix`
translates, `srgan` upscales and `f-anogan` encodes. The signature of what was loaded again is timed beside
its network as a compiled function, in turns, with one row and with 64 (promised: at most 1.05 times as long).
`sample_midi` makes phrases of seeds, each of which mido, pretty_midi and symusic read; the figure is how many
of them hold other notes than `gansuite generate` writes for the seed (promised: none).
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from results import HERE, Figure, options, parse, publish

# isort: split
# TensorFlow's kernels are chosen there, before it is imported.
import mido
import numpy as np
import pretty_midi
import symusic
import tensorflow as tf
from loops import alternate, milliseconds, ratios, steps_per_call

sys.path.append(str(HERE / "claims"))

from training import opened, train

from gansuite.export.model import write_model
from gansuite.training.trained import Trained
from gansuite_music.notes import notes_of


class Served(NamedTuple):
    """What of a plugin is measured.

    Attributes:
        signature: what is asked for.
        network: what answers.
        side: height and width of pictures, where any can be given, as training has them.
        sets: other settings than the plugin's own.
    """

    signature: str = "generate"
    network: str = "generator"
    side: Callable[[Any], int | None] = lambda config: None
    sets: tuple[str, ...] = ()


PLUGINS = {
    "dcgan": Served(),
    "musegan": Served(),
    "pix2pix": Served(
        signature="translate", side=lambda config: config.data.size, sets=("generator.dropout=0",)
    ),
    "srgan": Served(signature="upscale", side=lambda config: config.data.low_crop),
    "f-anogan": Served(signature="encode", network="encoder", sets=("adversarial_steps=1",)),
}
ROWS = (1, 64)
Notes = set[tuple[str, int, int, int]]


def main() -> None:
    """Measure plugin after plugin, then the files."""
    parser = options(__doc__)
    parser.add_argument("--plugin", action="append", choices=PLUGINS, help="only this one")
    parser.add_argument("--phrases", type=int, default=1000, help="how many are written")
    parser.add_argument("--rounds", type=int, default=21, help="how often both are measured")
    arguments = parse(parser)
    if arguments.quick:
        arguments.phrases, arguments.rounds = 5, 1
    figures, details = [], {}
    for plugin in arguments.plugin or PLUGINS:
        with tempfile.TemporaryDirectory() as folder:
            served = PLUGINS[plugin]
            train(plugin, Path(folder) / "run", data=None, sets=served.sets, steps=2)
            trained = opened(Path(folder) / "run")
            write_model(trained, Path(folder) / "model")
            model = tf.saved_model.load(str(Path(folder) / "model"))
            for rows in ROWS:
                found = details[f"{plugin}, {rows}"] = latency(trained, model, served, rows, arguments)
                what = f"time of {served.signature}, exported, over its bare {served.network}'s"
                name = f"{plugin}, batch of {rows}: {what}"
                times = f" ({found['exported_ms']:g} over {found['bare_ms']:g} ms)"
                figures.append(Figure(name=name + times, value=found["ratio"], unit="x", at_most=1.05))
            if plugin == "musegan":
                other = differing(trained, model, arguments.phrases)
                name = f"sample_midi: of {arguments.phrases} files, those with other notes than generate's"
                figures.append(
                    Figure(name=name, value=other, at_most=0, seeds=f"0 to {arguments.phrases - 1}")
                )
    publish(arguments, figures, details)


def latency(
    trained: Trained, model: Any, served: Served, rows: int, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Time both in turns: milliseconds of a call, and the median ratio."""
    network, signature = trained.local.networks[served.network], model.signatures[served.signature]
    ((name, spec),) = trained.domain.endpoints()[served.signature].inputs.items()
    shape = [rows, *(size or served.side(trained.domain.config) for size in spec.shape[1:])]
    asked = tf.random.stateless_uniform(shape, seed=[0, 0])
    bare = tf.function(partial(network, training=False), autograph=False)
    runs = {
        "exported": repeated(lambda: signature(**{name: asked})),
        "bare": repeated(lambda: bare(asked)),
    }
    count = 1 if arguments.quick else min(steps_per_call(run) for run in runs.values())
    times = alternate({name: partial(run, count) for name, run in runs.items()}, arguments.rounds)
    return {
        "ratio": median(ratios(times["exported"].wall, times["bare"].wall)),
        "exported_ms": milliseconds(times["exported"].wall, count),
        "bare_ms": milliseconds(times["bare"].wall, count),
    }


def repeated(call: Callable[[], Any]) -> Callable[[int], None]:
    """Some calls, each of which is waited for."""

    def run(count: int) -> None:
        for _ in range(count):
            tf.nest.map_structure(lambda tensor: tensor.numpy(), call())

    return run


def differing(trained: Trained, model: Any, phrases: int) -> int:
    """Return how many phrases any of three readers finds other notes in than their piano-rolls have."""
    config: Any = trained.domain.config
    seeds = np.arange(phrases)
    rolls = trained.call("sample", {"seed": seeds})["rolls"]
    signature = model.signatures["sample_midi"]
    contents = [
        content
        for part in np.array_split(seeds, -(-phrases // ROWS[-1]))
        for content in signature(seed=tf.constant(part))["midi_bytes"].numpy()
    ]
    found = 0
    for roll, content in zip(rolls, contents, strict=True):
        steps = config.data.steps_per_beat
        score = symusic.Score.from_midi(content)
        ticks = score.ticks_per_quarter // steps
        wanted: Notes = set()
        for index, track in enumerate(config.tracks):
            notes = notes_of(roll[:, index], config.pitches.low, drum=track.drum)
            columns = (notes.pitch, notes.start * ticks, notes.end * ticks)
            wanted |= {(track.name, *map(int, one)) for one in zip(*columns, strict=True)}
        found += any(
            read != wanted for read in (by_symusic(score), by_pretty_midi(content), by_mido(content))
        )
    return found


def by_symusic(score: Any) -> Notes:
    """Name, pitch, first and last tick of each note."""
    return {
        (track.name, note.pitch, note.time, note.time + note.duration)
        for track in score.tracks
        for note in track.notes
    }


def by_pretty_midi(content: bytes) -> Notes:
    """Name, pitch, first and last tick of each note."""
    song = pretty_midi.PrettyMIDI(io.BytesIO(content))
    return {
        (track.name, note.pitch, song.time_to_tick(note.start), song.time_to_tick(note.end))
        for track in song.instruments
        for note in track.notes
    }


def by_mido(content: bytes) -> Notes:
    """Name, pitch, first and last tick of each note."""
    found: Notes = set()
    for track in mido.MidiFile(file=io.BytesIO(content)).tracks:
        now, sounding = 0, {}
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity:
                sounding[message.note] = now
            elif message.type in ("note_on", "note_off"):
                found.add((track.name, message.note, sounding.pop(message.note), now))
    return found


if __name__ == "__main__":
    main()
