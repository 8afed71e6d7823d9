"""Where a setting is tried, and the list of what shows its effect."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from entries import Effect, Entries
from gansuite.composition import Request, compose
from gansuite.config import settings_of, to_toml
from gansuite.domain import Domain
from gansuite.game import Networks, Phase, Player, Terms, Turn
from gansuite.noise import Noise
from gansuite.registry import load
from gansuite.runs import Run
from gansuite.training.observers import Metrics
from gansuite.training.play import Play
from gansuite.training.session import train
from gansuite.training.stream import Share, stream

PLUGINS = ("musegan", "dcgan", "srgan")
#: The plugin by which the settings of the loop are shown, which is the same for all.
LOOP = "dcgan"
#: Those of which the loop's choice of the best checkpoint is shown.
JUDGED = ("dcgan", "srgan")
EFFECTS = Entries()
_MOVED: dict[tuple[str, str, tuple[str, ...], int], np.ndarray] = {}
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
    return EFFECTS.shows(*paths, plugins=plugins)


def of_the_loop(*paths: str) -> Callable[[Effect], Effect]:
    return shows(*paths, plugins=(LOOP,))


def of_music(*paths: str) -> Callable[[Effect], Effect]:
    return shows(*paths, plugins=("musegan",))


def of_pictures(*paths: str) -> Callable[[Effect], Effect]:
    return shows(*paths, plugins=("dcgan",))


def of_enlarging(*paths: str) -> Callable[[Effect], Effect]:
    return shows(*paths, plugins=("srgan",))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Game:
    """One player, with what it plays with."""

    player: Player
    networks: Networks
    play: Play
    batch: Any

    def play_step(self, step: int) -> None:
        self.step_function()([self.batch], tf.constant(step, tf.int64))

    def step_function(self) -> Any:
        return tf.function(self.play.step, autograph=False)


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

    def moved(self, name: str, *sets: str, step: int = 0) -> np.ndarray:
        """What a step changes in the weights that a player trains, in a row; computed once."""
        key = (self.plugin, name, sets, step)
        if key not in _MOVED:
            game = self._game(name, sets, [])
            before = weights_of(game)
            game.play_step(step)
            _MOVED[key] = weights_of(game) - before
        return _MOVED[key]

    def rows_seen(self, name: str, *sets: str) -> list[int]:
        """How many rows a player sees each time it is asked for its loss in a step."""
        seen: list[int] = []
        self._game(name, sets, seen).play_step(0)
        return seen

    def is_compiled(self, name: str, *sets: str) -> bool:
        """Whether XLA compiles what a player computes."""
        game = self._game(name, sets, [])
        traced = game.step_function().get_concrete_function([game.batch], tf.constant(0, tf.int64))
        functions = traced.graph.as_graph_def().library.function
        return any(one.attr["_XlaMustCompile"].b for one in functions)

    def terms(self, name: str, *sets: str) -> list[str]:
        """The terms of a player's loss, as metrics call them."""
        game = self._game(name, sets, [])
        found: list[str] = []
        tf.function(lambda: found.extend(game.play.losses([game.batch])), autograph=False)()
        return found

    def _game(self, name: str, sets: Sequence[str], seen: list[int]) -> Game:
        domain, training = self.domain(*sets), self.config(*sets).training
        wanted = self.player(name, *sets)

        def loss(turn: Turn) -> Terms:
            seen.append(int(turn.noise.rows))
            return wanted.loss(turn)

        keras.utils.set_random_seed(0)
        networks = domain.networks()
        alone = Phase(name="alone", players=(dataclasses.replace(wanted, rounds=1, loss=loss),))
        share = Share(batch_size=training.batch_size)
        return Game(
            player=wanted,
            networks=networks,
            play=Play(alone, networks, training, replicas=1, steps=training.steps),
            batch=next(iter(stream(domain.examples("train"), share, seed=0, first_batch=0))),
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


def weights_of(game: Game) -> np.ndarray:
    trained = [game.networks[name] for name in game.player.trains]
    weights = [weight for network in trained for weight in network.trainable_weights]
    return np.concatenate([weight.numpy().ravel() for weight in weights])


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


def reported(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.metrics_file.read_text().splitlines()]


def latents(bench: Bench, *sets: str) -> int:
    return int(bench.network("generator", *sets).input_shape[-1])
