"""Plugins that were broken on purpose, and what finds each of them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sites import PLUGIN, Site

from gansuite.scaffold import scaffold

#: A domain that lacks nothing, and does nothing.
DOMAIN = """
    from gansuite.domain import Domain as Base

    class Domain(Base):
        def examples(self, split): ...
        def networks(self): ...
        def phases(self): ...
        def endpoints(self): ...
        def preview(self): ...
        def render(self, outputs, folder, names): ...
        def scores(self, evaluation): ...
"""
SETTINGS = """
from dataclasses import dataclass
from gansuite.config import setting
from gansuite.settings import Training

@dataclass(frozen=True, kw_only=True)
class Config:
    training: Training = setting(Training(steps=1), help="How long.")
"""
CRASHING = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n"
EMPTY = "from gansuite.domain import Domain as Base\nclass Domain(Base): ...\n"
NEWER = """
    from gansuite.plugin import Plugin

    {name} = Plugin(api=99, name="{name}", summary="One of a test", config="c:C", domain="d:D")
"""


@dataclass(frozen=True, kw_only=True)
class Unusable:
    """A plugin that cannot be imported, or not as it should; `gansuite plugins doctor` says so.

    Args:
        said: how that begins; `{name}` stands for the plugin's.
        files: of its package, beside those of one that works.
        source: its announcement.
        requires: what its distribution needs.
        seconds: that trying it may take.
    """

    said: str
    files: Mapping[str, str] = field(default_factory=dict)
    source: str = PLUGIN
    requires: Sequence[str] = ()
    seconds: float = 60.0

    def names(self, problem: str | None, name: str) -> bool:
        """Whether what is said of a plugin of that name is what is wrong with it."""
        return (problem or "").startswith(self.said.replace("{name}", name))

    def install(self, site: Site, name: str) -> None:
        """Put it where plugins are found."""
        source = self.source if self.source is PLUGIN else self.source.replace("{name}", name)
        site.install_plugin(name, source, files={"domain.py": DOMAIN, **self.files}, requires=self.requires)


@dataclass(frozen=True, kw_only=True)
class Broken:
    """What `gansuite plugins new` writes, with one thing changed in its domain; a check finds it out.

    Args:
        was, now: that thing.
        check: what finds it out.
        said: what it says.
    """

    was: str
    now: str
    check: str
    said: str

    def install(self, site: Site, name: str, folder: Path) -> None:
        """Put it where plugins are found; `folder` is for what `gansuite plugins new` writes."""
        install(site, name, folder, was=self.was, now=self.now)


SPIRAL = """
    from gansuite.plugin import Plugin

    {name} = Plugin(
        name="{name}",
        summary="Points of a spiral from noise",
        config="{name}_package.config:Settings",
        domain="{name}_package.domain:Spiral",
        flags={flags},
    )
"""


def install(site: Site, name: str, folder: Path, *, was: str = "", now: str = "", flags: str = "{}") -> None:
    """Install what is written to begin with, with something changed."""
    scaffold("dots", folder, frozenset())
    texts = {file: (folder / "gansuite_dots" / file).read_text() for file in ("config.py", "domain.py")}
    files = {file: text.replace("gansuite_dots", f"{name}_package") for file, text in texts.items()}
    assert was in files["domain.py"]
    files["domain.py"] = files["domain.py"].replace(was, now) if was else files["domain.py"]
    site.install_plugin(name, SPIRAL.replace("{flags}", flags).replace("{name}", name), files=files)


UNUSABLE = {
    "settings that import what is not there": Unusable(
        files={"config.py": "import nowhere\n"},
        said="importing {name}_package.config failed: ModuleNotFoundError",
    ),
    "settings that leave": Unusable(
        files={"config.py": "raise SystemExit(0)\n"},
        said="importing {name}_package.config failed: SystemExit: 0",
    ),
    "settings that end the process": Unusable(
        files={"config.py": "import os\nos._exit(0)\n"},
        said="importing its settings ended the process with exit status 0",
    ),
    "settings that crash": Unusable(
        files={"config.py": CRASHING},
        said="importing its settings ended the process with SIGSEGV",
    ),
    "settings that are never imported to the end": Unusable(
        files={"config.py": "while True: pass\n"}, seconds=4.0,
        said="importing its settings did not end within ",
    ),
    "settings that import what is heavy": Unusable(
        files={"config.py": f"import scipy\n{SETTINGS}"},
        said="its settings imports scipy, for which every command",
    ),
    "settings that take long": Unusable(
        files={"config.py": f"import time\nwhile time.process_time() < 2.5: pass\n{SETTINGS}"},
        said="importing its announcement and settings takes ",
    ),
    "settings that are not there": Unusable(
        files={"config.py": "settings = 1\n"},
        said="{name}_package.config has no class Config",
    ),
    "settings that are no dataclass": Unusable(
        files={"config.py": "class Config: ...\n"},
        said="a config class must be a dataclass(frozen=True",
    ),
    "settings without training": Unusable(
        files={"config.py": SETTINGS.replace("training:", "steps:")},
        said="{name}_package.config:Config has no training",
    ),
    "settings that raise": Unusable(
        files={"config.py": "print(1 / 0)\n"},
        said="importing {name}_package.config failed: ZeroDivisionError",
    ),
    "a domain that is none": Unusable(
        files={"domain.py": "class Domain: ...\n"},
        said="{name}_package.domain:Domain is not a gansuite.domain.Domain",
    ),
    "a domain that lacks methods": Unusable(
        files={"domain.py": EMPTY},
        said="{name}_package.domain:Domain lacks endpoints, examples, networks, phases, ",
    ),
    "a domain that crashes": Unusable(
        files={"domain.py": CRASHING},
        said="importing its domain ended the process with SIGSEGV",
    ),
    "an announcement that is no Python": Unusable(
        source="Plugin(",
        said="syntax error in ",
    ),
    "an announcement of nothing": Unusable(
        source="{name} = 1\n",
        said="{name} = Plugin(...) is not at the top level of the module",
    ),
    "an interface that is newer": Unusable(
        source=NEWER,
        said="is written for plugin interface 99; ",
    ),
    "something it needs that is not installed": Unusable(
        requires=["no-such-thing>=1"],
        said="needs no-such-thing, which is not installed",
    ),
}  # fmt: skip

BROKEN = {
    "a loss that draws from hidden state": Broken(
        was='latents = turn.noise.normal("latents", [self.config.latent])',
        now="latents = tf.random.normal([8, self.config.latent])",
        check="hidden-state",
        said="a step draws from hidden state: RandomStandardNormal",
    ),
    "examples that draw from hidden state": Broken(
        was='noise.normal("jitter", [2])',
        now="tf.random.normal([2])",
        check="example-noise",
        said="loading examples draws from hidden state: RandomStandardNormal",
    ),
    "an endpoint that draws from hidden state": Broken(
        was='normal_for_seeds(seed, "latents", [self.config.latent])',
        now="tf.random.normal([tf.size(seed), self.config.latent])",
        check="endpoints",
        said="endpoint sample: draws from hidden state: RandomStandardNormal",
    ),
    "a layer with a seed of its own": Broken(
        was="features = Bend()(",
        now="features = keras.layers.Dropout(0.5)(",
        check="networks",
        said="network generator: dropout, dropout draw from seeds of their own",
    ),
    "a loss that is a sum": Broken(
        was='"fake": discriminator_fake(fake)',
        now='"fake": tf.reduce_sum(tf.nn.softplus(fake))',
        check="means",
        said="term discriminator/fake: is ",
    ),
    "a loss that is no number": Broken(
        was="non_saturating(fake)",
        now="non_saturating(tf.math.log(-1.0 - tf.square(fake)))",
        check="terms",
        said="term generator/non_saturating: is nan before the first step",
    ),
    "a loss that is no scalar": Broken(
        was="non_saturating(fake)",
        now="tf.nn.softplus(-fake)",
        check="terms",
        said="term generator/non_saturating: has the shape (8, 1); a loss returns scalars",
    ),
    "a loss that moves another network": Broken(
        was='return {"non_saturating"',
        now='turn.networks["discriminator"].trainable_weights[0].assign_add(\n'
        '            tf.ones([2, 64]) * turn.noise.uniform("push")[0]\n'
        "        )\n"
        '        return {"non_saturating"',
        check="players",
        said="player generator: moves discriminator, which it does not train",
    ),
    "a player whose loss does not depend on what it trains": Broken(
        was='return turn.networks["generator"](latents, training=True)',
        now='return tf.stop_gradient(turn.networks["generator"](latents, training=True))',
        check="players",
        said="The loss of player generator does not depend on ",
    ),
    "examples of another shape than their spec's": Broken(
        was="spec = tf.TensorSpec([2], tf.float32)",
        now="spec = tf.TensorSpec([3], tf.float32)",
        check="examples",
        said="split train: 2 examples of float32 (3,) are loaded as float32 (2, 2)",
    ),
    "examples that depend on their batch": Broken(
        was="return 0.9 * tf.cast(spiral, tf.float32)",
        now="return 0.9 * tf.cast(spiral - tf.reduce_mean(spiral, axis=0), tf.float32)",
        check="example-rows",
        said="the last half of a batch is loaded otherwise without the first",
    ),
    "an endpoint that depends on the batch": Broken(
        was='return {"points": networks["generator"](latents, training=False)}',
        now='points = networks["generator"](latents, training=False)\n'
        '            return {"points": points - tf.reduce_mean(points, axis=0)}',
        check="rows",
        said="endpoint sample: a row of its output points is ",
    ),
    "an endpoint that depends on the rows before": Broken(
        was='return {"points": networks["generator"](latents, training=False)}',
        now='return {"points": tf.cumsum(networks["generator"](latents, training=False))}',
        check="rows",
        said="endpoint sample: a row of its output points is ",
    ),
    "an endpoint that answers once for all rows": Broken(
        was='return {"points": networks["generator"](latents, training=False)}',
        now='return {"points": networks["generator"](latents, training=False)[:1]}',
        check="endpoints",
        said="endpoint sample: its output points has 1 rows for 3",
    ),
    "averages of what is no network": Broken(
        was='averaged = ("generator",)',
        now='averaged = ("painter",)',
        check="networks",
        said="`averaged` names painter, which is no network",
    ),
    "last layers that are not exact in bfloat16": Broken(
        was="keras.layers.Dense(outputs, dtype=full())",
        now="keras.layers.Dense(outputs)",
        check="bfloat16",
        said="network generator: has bfloat16 and float32",
    ),
    "a score that is no number": Broken(
        was="value=distance(made, known)",
        now='value=float("nan")',
        check="scores",
        said="no score is a number",
    ),
    "a picture that holds nothing": Broken(
        was="picture.save(files[0])",
        now="files[0].touch()",
        check="preview",
        said="points.png: is empty",
    ),
    "files that are not named": Broken(
        was="return files",
        now="return files[:1]",
        check="preview",
        said="render names 1 files, and there are 2",
    ),
    "a loss that remembers": Broken(
        was="loss=self.generator_loss,",
        now="loss=lambda turn, seen=tf.Variable(0.0, trainable=False): {\n"
        "                name: term * tf.cast(seen.assign_add(1.0), term.dtype)\n"
        "                for name, term in self.generator_loss(turn).items()\n"
        "            },",
        check="resume",
        said="tensors of the last checkpoint are other ones than without the stop",
    ),
}  # fmt: skip
