"""A plugin that is put to the test, and what its checks share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from gansuite.composition import Request, compose
from gansuite.config import to_toml
from gansuite.domain import Domain, Examples
from gansuite.errors import PluginError
from gansuite.game import Networks, Phase
from gansuite.plugin import Plugin
from gansuite.precision import layer_precision
from gansuite.runs import Run
from gansuite.settings import Precision
from gansuite.testing.sitting import train
from gansuite.training.play import Play
from gansuite.training.stream import Share, stream
from gansuite.training.trained import Trained, load_trained

#: Rows of a batch that is looked at.
ROWS = 8
#: How the plugin is trained, where nothing else is asked for: a run has reports, samples and checkpoints at
#: different steps. In float64, so that what two devices do otherwise than one is a mistake and no rounding.
QUICK = """\
[training]
steps = 20
batch_size = 8
report_every = 2
sample_every = 7
checkpoint_every = 4
keep = 9
precision = "float64"
"""


class Subject:
    """A plugin, its settings for a quick run, and what is made of them: each thing once, when it is needed.

    Args:
        plugin: what is put to the test.
        request: its settings; those of a quick run are above its preset and below the rest.
        folder: an empty one, for runs.
    """

    def __init__(self, plugin: Plugin, request: Request, folder: Path) -> None:
        self.plugin = plugin
        self.request = request
        self.folder = folder
        quick = folder / "quick.toml"
        quick.write_text(QUICK, "utf-8")
        # Above a preset, and below all else that is asked for.
        self.config: Any = compose(plugin, dataclasses.replace(request, files=[quick, *request.files]))
        self.run = cache(self._run)

    @cached_property
    def domain(self) -> Domain:
        """Its domain."""
        return self.build_domain(self.config)

    def build_domain(self, config: Any) -> Domain:
        """Make a domain of it."""
        domain = self.plugin.build_domain(config)
        if not isinstance(domain, Domain):
            raise PluginError(f"{self.plugin.domain} is not a gansuite.domain.Domain")
        return domain

    @cached_property
    def examples(self) -> Examples:
        """What it learns from."""
        return self.domain.examples("train")

    @cached_property
    def networks(self) -> Networks:
        """Its networks as they are before the first step, in float32."""
        return self.build("float32")

    def build(self, precision: Precision) -> Networks:
        """Make its networks in some precision."""
        keras.utils.set_random_seed(0)
        with layer_precision(precision):
            return self.domain.networks()

    def batch(self) -> Any:
        """Return a batch as the loop reads it."""
        return next(iter(stream(self.examples, Share(batch_size=ROWS), seed=0, first_batch=0)))

    def play(self, phase: Phase, networks: Networks, precision: Precision) -> Play:
        """Return what plays a phase on one device, with batches of `ROWS`."""
        training = dataclasses.replace(
            self.config.training, batch_size=ROWS, accumulate=1, precision=precision, ramps=()
        )
        return Play(phase, networks, training, replicas=1, steps=training.steps)

    def graph(self, play: Play) -> tf.Graph:
        """Return the graph of one step of a phase."""
        rows = tf.nest.map_structure(
            lambda spec: tf.TensorSpec([ROWS, *spec.shape], spec.dtype), self.examples.spec
        )
        return graph_of(play.step, [rows] * play.phase.rounds, tf.TensorSpec([], tf.int64))

    def _run(self, devices: int) -> Path:
        """Train it from beginning to end, once, on so many devices; the run's directory."""
        settings = self.folder / "settings.toml"
        header = {"plugin": self.plugin.name, "api": self.plugin.api}
        settings.write_text(to_toml(self.config, header=header, comments=False), "utf-8")
        run = self.folder / f"on-{devices}"
        train(self.plugin.name, "--config", str(settings), "--out", str(run), devices=devices)
        return run

    @cached_property
    def trained(self) -> Trained:
        """What a run on one device learned."""
        run = Run.open(self.run(1))
        return load_trained(run, self.domain, note=lambda _: None)


def in_graph(function: Callable[[], Any]) -> Any:
    """Run a function as the loop would, as a graph, and return what it returns."""
    return tf.function(function, autograph=False).get_concrete_function()()


def graph_of(function: Any, *specs: Any) -> tf.Graph:
    """Trace a function."""
    return tf.function(function, autograph=False).get_concrete_function(*specs).graph
