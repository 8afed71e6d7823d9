"""Plugins that were broken on purpose are found out, by the check that is there for it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gansuite.composition import Request
from gansuite.errors import PluginError
from gansuite.registry import load
from gansuite.scaffold import scaffold
from gansuite.testing import check_names, check_plugin
from gansuite.testing.checks import CHECKS
from gansuite.testing.subject import Subject

if TYPE_CHECKING:
    from tests.gansuite.conftest import Site


@dataclass(frozen=True, kw_only=True)
class Broken:
    """What `gansuite plugins new` writes, with one thing changed in its domain.

    Args:
        was, now: that thing.
        check: what finds it out.
        said: what it says.
    """

    was: str
    now: str
    check: str
    said: str


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
"""More of them, that fail when they are imported, are in tests/gansuite/test_doctor.py."""

PLUGIN = """
    from gansuite.plugin import Plugin

    bad = Plugin(
        name="bad",
        summary="Points of a spiral from noise",
        config="bad_package.config:Settings",
        domain="bad_package.domain:Spiral",
        flags={flags},
    )
"""


def install(site: Site, folder: Path, *, was: str = "", now: str = "", flags: str = "{}") -> None:
    """Install what is written to begin with, with something changed."""
    scaffold("dots", folder, frozenset())
    texts = {name: (folder / "gansuite_dots" / name).read_text() for name in ("config.py", "domain.py")}
    files = {name: text.replace("gansuite_dots", "bad_package") for name, text in texts.items()}
    assert was in files["domain.py"]
    files["domain.py"] = files["domain.py"].replace(was, now) if was else files["domain.py"]
    site.install_plugin("bad", PLUGIN.replace("{flags}", flags), files=files)


@pytest.mark.parametrize("what", BROKEN)
def test_it_is_found_out(site: Site, tmp_path: Path, what: str) -> None:
    broken = BROKEN[what]
    install(site, tmp_path / "dots", was=broken.was, now=broken.now)
    report = check_plugin("bad", only=[broken.check])
    (problem,) = report.problems
    assert problem.startswith(f"{broken.check}: ")
    assert broken.said in problem


WRAPPED = 'perceptron(generator, inputs=self.config.latent, outputs=2, name="generator")'
OWN = """

class Own(keras.Model):
    def __init__(self, inner):
        super().__init__(name="own")
        self.inner = inner
        self.built = True

    def call(self, latents, training=False):
        points = self.inner(latents, training=training)
        return {answer}
"""


@pytest.mark.parametrize(
    ("answer", "problem"),
    [("points", None), ("tf.cast(points, 'bfloat16')", "network generator: has bfloat16 and float32")],
)
def test_a_network_may_be_of_a_class_of_its_own(
    site: Site, tmp_path: Path, answer: str, problem: str | None
) -> None:
    install(site, tmp_path / "dots", was=WRAPPED, now=f"Own({WRAPPED})")
    file = site.folder / "bad_package" / "domain.py"
    file.write_text(file.read_text() + OWN.format(answer=answer))
    (bfloat16,) = [one for one in CHECKS if one.name == "bfloat16"]
    subject = Subject(load("bad"), Request(), tmp_path)
    if problem is None:
        bfloat16.test(subject)
    else:
        with pytest.raises(PluginError, match=problem):
            bfloat16.test(subject)


def test_a_flag_for_no_setting_is_found_out(site: Site, tmp_path: Path) -> None:
    install(site, tmp_path / "dots", flags='{"size": "data.size"}')
    assert check_plugin("bad", only=["flags"]).problems == ["flags: --size: there is no setting data.size"]


def test_what_is_expected_to_fail_and_does_not_is_said(site: Site, tmp_path: Path) -> None:
    install(site, tmp_path / "dots")
    report = check_plugin("bad", only=["flags", "settings"], expected_failures={"flags": "it has none"})
    assert [one.state for one in report.outcomes] == ["holds", "holds", "holds unexpectedly"]
    assert report.problems == ["flags: holds, though it was expected to fail: it has none"]
    assert report.summary == "3 of 3 checks of bad hold"


def test_what_is_expected_to_fail_and_does_is_no_problem(site: Site, tmp_path: Path) -> None:
    install(site, tmp_path / "dots", flags='{"size": "data.size"}')
    report = check_plugin("bad", only=["flags"], expected_failures={"flags": "not yet"})
    assert report.problems == []
    assert report.summary == "1 of 2 checks of bad hold, 1 expected to fail"


def test_what_cannot_be_imported_is_not_tried(site: Site) -> None:
    site.install_plugin("bad", files={"config.py": "raise SystemExit(0)\n"})
    report = check_plugin("bad")
    (problem,) = report.problems
    assert problem.startswith("import: importing bad_package.config failed: SystemExit: 0")
    assert list(report.untried) == check_names()[1:]
    assert report.summary == f"0 of 1 checks of bad hold, {len(check_names()) - 1} not tried"


def gansuite(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gansuite", *words],
        env=site.environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_the_command_says_what_does_not_hold(site: Site, tmp_path: Path) -> None:
    broken = BROKEN["a loss that is a sum"]
    install(site, tmp_path / "dots", was=broken.was, now=broken.now)
    done = gansuite(site, "plugins", "check", "bad", "--only", "means", "--only", "settings")
    assert done.returncode == 3, done.stderr
    assert "2 of 3 checks of bad hold" in done.stderr
    assert "term discriminator/fake: is" in done.stderr
    assert "fails" in done.stdout
    assert gansuite(site, "plugins", "check", "bad", "--only", "mean").returncode == 2
    assert gansuite(site, "plugins", "check", "worse").returncode == 2


def test_the_command_says_what_was_under_way_when_the_plugin_ended_it(site: Site, tmp_path: Path) -> None:
    crashing = "import os; os.kill(os.getpid(), 11)\n        generator, discriminator = self.config.generator"
    install(site, tmp_path / "dots", was="generator, discriminator = self.config.generator", now=crashing)
    done = gansuite(site, "plugins", "check", "bad", "--only", "networks", "--json")
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert "plugin bad: ended the process with SIGSEGV while checking networks" in done.stderr


#: What happens when their settings are imported.
ENDINGS = {
    "raising": "raise RuntimeError('no')", "leaving": "raise SystemExit(0)", "lacking": "import nowhere",
    "gone": "import os; os._exit(0)", "crashing": "import os; os.kill(os.getpid(), 11)",
    "endless": "while True: pass", "heavy": "import tensorflow", "empty": "", "wrong": "Config = 1",
}  # fmt: skip


def test_everything_else_works_beside_broken_ones(site: Site, tmp_path: Path) -> None:
    for name, ending in ENDINGS.items():
        site.install_plugin(name, files={"config.py": ending + "\n"})
    site.install_plugin("unreadable", "Plugin(")
    site.install_plugin("newer", 'from gansuite.plugin import Plugin\nnewer = Plugin(name="newer", api=99)\n')
    site.install_plugin("poor", requires=["no-such-thing>=1"])
    site.install_plugin("dcgan")
    assert gansuite(site, "--help").returncode == 0
    listed = gansuite(site, "plugins", "list")
    assert listed.returncode == 0
    for problem in ("interface 99", "needs no-such-thing", "has the name of one of gansuite's own"):
        assert problem in listed.stdout
    run = tmp_path / "run"
    words = (
        "--data",
        "digits",
        "--steps",
        "1",
        "--batch-size",
        "4",
        "--set",
        "data.size=8",
        "--set",
        "data.channels=1",
    )
    trained = gansuite(site, "train", "dcgan", *words, "--out", str(run), "-q")
    assert trained.returncode == 0, trained.stderr
