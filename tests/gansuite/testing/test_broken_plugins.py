"""Plugins that were broken on purpose are found out, by the check that is there for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from broken import BROKEN, install
from sites import Site

from gansuite.composition import Request
from gansuite.errors import PluginError
from gansuite.registry import load
from gansuite.testing import check_names, check_plugin
from gansuite.testing.checks import CHECKS
from gansuite.testing.subject import Subject


@pytest.mark.parametrize("what", BROKEN)
def test_it_is_found_out(site: Site, tmp_path: Path, what: str) -> None:
    broken = BROKEN[what]
    broken.install(site, "bad", tmp_path / "dots")
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
    install(site, "bad", tmp_path / "dots", was=WRAPPED, now=f"Own({WRAPPED})")
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
    install(site, "bad", tmp_path / "dots", flags='{"size": "data.size"}')
    assert check_plugin("bad", only=["flags"]).problems == ["flags: --size: there is no setting data.size"]


NARROW = """
    def __post_init__(self):
        from gansuite.errors import ConfigError

        if self.generator.width < self.latent:
            raise ConfigError("is narrower than what it is given", where="generator.width")
"""


def with_preset(site: Site, folder: Path, preset: str) -> Path:
    """Install what is written to begin with, with a preset; the file of its settings."""
    install(site, "bad", folder)
    announcement = site.folder / "bad_package" / "plugin.py"
    announcement.write_text(announcement.read_text().replace("flags={}", f"presets={{'other': {preset}}}"))
    return site.folder / "bad_package" / "config.py"


def test_a_preset_has_what_was_asked_for_where_it_lacks_something(site: Site, tmp_path: Path) -> None:
    file = with_preset(site, tmp_path / "dots", "{'generator': {'width': 32}}")
    file.write_text(file.read_text().replace("latent: int = setting(8, ", "latent: int = setting("))
    assert check_plugin("bad", settings=["latent=4"], only=["settings"]).problems == []


def test_what_makes_a_check_quick_breaks_no_preset(site: Site, tmp_path: Path) -> None:
    file = with_preset(site, tmp_path / "dots", "{'generator': {'width': 128}, 'latent': 64}")
    file.write_text(file.read_text() + NARROW)
    assert check_plugin("bad", settings=["generator.width=8"], only=["settings"]).problems == []


def test_what_is_expected_to_fail_and_does_not_is_said(site: Site, tmp_path: Path) -> None:
    install(site, "bad", tmp_path / "dots")
    report = check_plugin("bad", only=["flags", "settings"], expected_failures={"flags": "it has none"})
    assert [one.state for one in report.outcomes] == ["holds", "holds", "holds unexpectedly"]
    assert report.problems == ["flags: holds, though it was expected to fail: it has none"]
    assert report.summary == "3 of 3 checks of bad hold"


def test_what_is_expected_to_fail_and_does_is_no_problem(site: Site, tmp_path: Path) -> None:
    install(site, "bad", tmp_path / "dots", flags='{"size": "data.size"}')
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
    BROKEN["a loss that is a sum"].install(site, "bad", tmp_path / "dots")
    done = gansuite(site, "plugins", "check", "bad", "--only", "means", "--only", "settings")
    assert done.returncode == 3, done.stderr
    assert "2 of 3 checks of bad hold" in done.stderr
    assert "term discriminator/fake: is" in done.stderr
    assert "fails" in done.stdout
    assert gansuite(site, "plugins", "check", "bad", "--only", "mean").returncode == 2
    assert gansuite(site, "plugins", "check", "worse").returncode == 2


def test_the_command_says_what_was_under_way_when_the_plugin_ended_it(site: Site, tmp_path: Path) -> None:
    crashing = "import os; os.kill(os.getpid(), 11)\n        generator, discriminator = self.config.generator"
    install(
        site, "bad", tmp_path / "dots", was="generator, discriminator = self.config.generator", now=crashing
    )
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
