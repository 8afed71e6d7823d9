"""What is wrong with a plugin is found out, whatever it does when it is imported."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from broken import CRASHING, DOMAIN, NEWER, SETTINGS, UNUSABLE
from sites import Site

from gansuite.doctor import Diagnosis, diagnose, diagnose_contributions, plugins
from gansuite.doctor.plugins import judged
from gansuite.doctor.trying import tried
from gansuite.registry import announcements

WAITING = """
stage("announcement", int)
stage("settings", lambda: time.sleep(0.6))
stage("domain", int)
"""
LEAVING = """
    import os, subprocess, sys
    program = "import time; time.sleep(600)"
    print(subprocess.Popen([sys.executable, "-c", program]).pid, file=open({file!r}, "w"))
    {settings}
    {then}
"""


def diagnosed(name: str, limit: float = 60.0) -> Diagnosis:
    (found,) = [one for one in announcements() if one.name == name]
    return diagnose(found, limit=limit)


def test_a_plugin_that_works_is_said_to(site: Site) -> None:
    site.install_plugin("good", files={"domain.py": DOMAIN})
    found = diagnosed("good")
    assert found.problem is None
    assert set(found.seconds) == {"announcement", "settings", "domain"}


@pytest.mark.parametrize("what", UNUSABLE)
def test_what_is_wrong_is_named(site: Site, what: str) -> None:
    unusable = UNUSABLE[what]
    unusable.install(site, "bad")
    found = diagnosed("bad", limit=unusable.seconds)
    assert unusable.names(found.problem, "bad"), found.problem
    assert "gansuite" in found.remedy or "bad-dist" in found.remedy


def test_a_plugin_that_waits_is_told_from_one_that_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = tried(WAITING, [], limit=60.0)
    assert trial.clock["settings"] >= 0.6 > 0.5 > trial.seconds["settings"]
    assert judged("bad-dist", trial) is None
    monkeypatch.setattr(plugins, "WAIT", 0.3)
    problem, remedy = judged("bad-dist", trial) or ("", "")
    assert re.match(
        r"importing its announcement and settings takes \d\.\d s and computes 0\.\d s of", problem
    )
    assert remedy == "Tell the authors of bad-dist."


def test_what_takes_too_long_says_how_much_of_it_was_computing(site: Site) -> None:
    site.install_plugin("bad", files={"config.py": "import time\ntime.sleep(600)\n"})
    problem = diagnosed("bad", limit=8.0).problem or ""
    assert re.fullmatch(
        r"importing its settings did not end within 8 s, of which it computed [\d.]+ s", problem
    )


@pytest.mark.parametrize("then", ["os._exit(0)", "while True: pass"])
def test_nothing_that_a_plugin_starts_is_left_running(site: Site, tmp_path: Path, then: str) -> None:
    left = tmp_path / "left"
    source = textwrap.dedent(LEAVING).format(file=str(left), settings=SETTINGS, then=then)
    site.install_plugin("bad", files={"config.py": source})
    assert diagnosed("bad", limit=8.0).problem is not None
    gone(int(left.read_text()))


def gone(process: int) -> None:
    """Wait until a process has ended; who it is left to may take a moment to notice."""
    for _ in range(1000):
        status = Path(f"/proc/{process}/status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return
        time.sleep(0.01)
    raise AssertionError(f"{process} goes on")


def test_what_is_known_without_running_it_is_not_run(site: Site) -> None:
    site.install_plugin("poor", requires=["no-such-thing>=1"])
    found = diagnosed("poor")
    assert found.problem == "needs no-such-thing, which is not installed"
    assert found.remedy == "pip install --upgrade poor-dist installs what it needs."
    assert found.seconds == {}


AHEAD = NEWER.replace("{name}", "bad")
NEEDING = AHEAD.replace("from", "import nowhere\n    from").replace("api=99, ", "")


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        (AHEAD, "pip install --upgrade gansuite"),
        (NEEDING, "pip install --upgrade bad-dist installs what it needs."),
        ("bad = 1\n", "pip install --upgrade bad-dist, or pip uninstall bad-dist"),
    ],
)
def test_what_to_do_about_it_is_said(site: Site, source: str, remedy: str) -> None:
    site.install_plugin("bad", source)
    assert diagnosed("bad").remedy == remedy


def test_a_plugin_that_is_installed_editable_is_to_be_mended(site: Site, tmp_path: Path) -> None:
    site.install_plugin("bad", files={"domain.py": "wrong wrong\n"})
    origin = {"url": (tmp_path / "my plugin").as_uri(), "dir_info": {"editable": True}}
    (site.folder / "bad_dist-1.0.dist-info/direct_url.json").write_text(json.dumps(origin))
    found = diagnosed("bad")
    assert f"SyntaxError: invalid syntax ({site.folder / 'bad_package/domain.py'}:1)" in (found.problem or "")
    assert (
        found.remedy
        == f"Mend it where that is said to be: it is installed editable, from {tmp_path}/my plugin."
    )


def test_of_two_with_one_name_one_has_to_go(site: Site) -> None:
    site.install_plugin("twin")
    site.install("other-dist", {}, {"gansuite.plugins": {"twin": "twin_package.plugin:twin"}})
    both = [diagnose(one) for one in announcements() if one.name == "twin"]
    assert [one.remedy for one in both] == 2 * ["Uninstall one of the two."]


def test_who_takes_a_name_of_gansuite_s_has_to_go(site: Site) -> None:
    site.install_plugin("dcgan")
    own, other = (diagnose(one) for one in announcements() if one.name == "dcgan")
    assert own.problem is None
    assert other.remedy == "pip uninstall dcgan-dist, or ask its authors for a name of its own."


def doctor(site: Site, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gansuite", "plugins", "doctor", *words],
        env={**site.environment, **environment}, capture_output=True, text=True, timeout=200,
    )  # fmt: skip


def test_one_broken_plugin_is_an_exit_code_of_its_own(site: Site) -> None:
    site.install_plugin("good", files={"domain.py": DOMAIN})
    site.install_plugin("bad", files={"config.py": CRASHING})
    done = doctor(site, "good", "bad", "--json")
    assert done.returncode == 3, done.stderr
    assert "plugins bad: 1 of 2 do not work" in done.stderr
    states = {one["name"]: one["problem"] for one in json.loads(done.stdout)}
    assert states["good"] is None
    assert "SIGSEGV" in states["bad"]
    alone = doctor(site, "good")
    assert alone.returncode == 0, alone.stderr
    assert "works" in alone.stdout
    assert doctor(site, "goood").returncode == 2


def test_only_plugins_that_are_allowed_are_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.install_plugin("good")
    site.install_plugin("bad", files={"config.py": CRASHING})
    verbs = {
        "gansuite.commands": {"shout": "verb_package:shout"},
        "gansuite.plugins": {"loud": "verb_package:loud"},
    }
    site.install("verb-dist", {"verb_package.py": ""}, verbs)
    monkeypatch.setenv("GANSUITE_PLUGINS", "good, dcgan")
    assert [one.name for one in announcements()] == ["dcgan", "good"]
    for allowed, is_there in (("good, dcgan", False), ("loud", True)):
        done = subprocess.run(
            [sys.executable, "-m", "gansuite", "--help"],
            env={**site.environment, "GANSUITE_PLUGINS": allowed}, capture_output=True, text=True,
        )  # fmt: skip
        assert ("  shout" in done.stdout) == is_there
    refused = subprocess.run(
        [sys.executable, "-m", "gansuite", "config", "bad"],
        env={**site.environment, "GANSUITE_PLUGINS": "good"}, capture_output=True, text=True,
    )  # fmt: skip
    assert refused.returncode == 2
    assert "there is no plugin 'bad' among those that GANSUITE_PLUGINS allows" in refused.stderr


def test_names_that_no_plugin_has_are_told_of_and_none_are_all(site: Site) -> None:
    site.install_plugin("good")

    def listed(allowed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gansuite", "plugins", "list"],
            env={**site.environment, "GANSUITE_PLUGINS": allowed}, capture_output=True, text=True, check=True,
        )  # fmt: skip

    everything = listed(" , ")
    assert everything.stderr == ""
    assert "\ngood " in everything.stdout
    assert "\ndcgan " in everything.stdout
    misspelt = listed("goood")
    assert misspelt.stdout == "no plugin is installed that GANSUITE_PLUGINS names\n"
    said = "GANSUITE_PLUGINS names goood, and no installed plugin is called so\n  did you mean good?\n"
    assert misspelt.stderr == said
    done = doctor(site, "--json", GANSUITE_PLUGINS="goood")
    assert (done.stderr, json.loads(done.stdout)) == (said, [])


BROUGHT = {
    "gansuite.commands": {
        "train": "brought:shout", "shout": "brought:shout", "dumb": "brought:dumb", "crash": "crashing:crash",
        "lost": "nowhere.at:all",
    },
    "gansuite.losses": {"hinge": "brought:three"},
    "gansuite.metrics": {"three": "brought:three", "size": "builtins:len"},
    "gansuite.datasets": {
        "digits": "brought:digits", "nothing": "brought:nothing", "whole": "brought:whole",
        "unmade": "brought:unmade", "numbered": "brought:numbered",
    },
}  # fmt: skip
FINDINGS = {
    ("command", "train"): "is never used: gansuite's own command of that name comes before it",
    ("command", "shout"): None,
    ("command", "dumb"): "brought has no dumb",
    ("command", "crash"): "importing it ended the process with SIGSEGV",
    ("command", "lost"): "module nowhere.at is missing",
    ("loss", "hinge"): "is never used: gansuite's own loss of that name comes before it",
    ("metric", "three"): "is not a function",
    ("metric", "size"): None,
    ("data set", "digits"): "is never used: gansuite's own data set of that name comes before it",
    ("data set", "nothing"): "is not a card of a data set",
    ("data set", "whole"): None,
    ("data set", "unmade"): "importing nowhere failed: ModuleNotFoundError",
    ("data set", "numbered"): "its loader is brought:three, and there is no such function",
}

CARD = """
    name = "{name}"
    title = "Stripes"
    summary = "Pictures of stripes"
    holds = "pictures"
    licence = "CC0"
    layout = "a folder of PNG files"
    loader = "{loader}"
"""
#: By name: what makes the data.
LOADERS = {"whole": "builtins:len", "unmade": "nowhere:make", "numbered": "brought:three"}


def test_what_is_brought_besides_plugins_is_tried_out(site: Site) -> None:
    modules = {"brought.py": "import click\nshout = click.Command('shout')\nthree = 3\n"}
    modules |= {f"{name}.toml": CARD.format(name=name, loader=made) for name, made in LOADERS.items()}
    site.install("bringing", {**modules, "crashing.py": CRASHING}, BROUGHT)
    names = [name for names in BROUGHT.values() for name in names]
    found = {(one.what, one.name): one for one in diagnose_contributions(names)}
    assert found.keys() == FINDINGS.keys()
    for key, problem in FINDINGS.items():
        assert (found[key].problem or "").startswith(problem or ""), key
        assert (found[key].problem is None) == (problem is None), key
    renaming = "Tell the authors of bringing: it needs another name."
    assert {key for key, one in found.items() if one.remedy == renaming} == {
        ("command", "train"), ("loss", "hinge"), ("data set", "digits"),
    }  # fmt: skip


def test_what_two_packages_bring_under_one_name_is_told_with_both(site: Site) -> None:
    for name in ("one-dist", "two-dist"):
        site.install(name, {}, {"gansuite.metrics": {"likeness": "nowhere:at"}})
    done = doctor(site, "likeness", "--json")
    assert done.returncode == 3
    assert "metric likeness: 1 of 1 do not work" in done.stderr
    (found,) = json.loads(done.stdout)
    assert found["problem"] == "is registered more than once, by one-dist and two-dist"
    assert found["remedy"] == "Uninstall one of the two."


def test_what_a_compiled_module_brings_works(site: Site) -> None:
    modules = {"kit_package/__init__.py": "", "kit_package/fast.py": "def size(domain, evaluation): ...\n"}
    site.install("bringing", modules, {"gansuite.metrics": {"size": "kit_package.fast:size"}})
    site.compile("kit_package/fast.py")
    (found,) = diagnose_contributions(["size"])
    assert found.problem is None


def test_what_lies_in_the_working_folder_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('hidden')\n")
    monkeypatch.chdir(tmp_path)
    trial = tried('stage("all", int)\n', [], limit=60.0)
    assert (list(trial.done), trial.well) == (["all"], True)
