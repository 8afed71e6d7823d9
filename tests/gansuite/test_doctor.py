"""What is wrong with a plugin is found out, whatever it does when it is imported."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from gansuite.doctor import Diagnosis, diagnose
from gansuite.registry import announcements

if TYPE_CHECKING:
    from tests.gansuite.conftest import Site

#: What a plugin that works brings.
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
ENDLESS = "while True: pass\n"
CRASHING = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n"
EXITING = "import os\nos._exit(0)\n"
HEAVY = "import scipy\nclass Config: ...\n"
SLOW = "import time\nwhile time.process_time() < 2.5: pass\nclass Config: ...\n"


def diagnosed(name: str, limit: float = 60.0) -> Diagnosis:
    (found,) = [one for one in announcements() if one.name == name]
    return diagnose(found, limit=limit)


def test_a_plugin_that_works_is_said_to(site: Site) -> None:
    site.install_plugin("good", files={"domain.py": DOMAIN})
    found = diagnosed("good")
    assert found.problem is None
    assert set(found.seconds) == {"announcement", "settings", "domain"}


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"config.py": "import nowhere\n"}, "importing bad_package.config failed: ModuleNotFoundError"),
        ({"config.py": "raise SystemExit(0)\n"}, "importing bad_package.config failed: SystemExit: 0"),
        ({"config.py": EXITING}, "importing its settings ended the process with exit status 0"),
        ({"config.py": CRASHING}, "importing its settings ended the process with SIGSEGV"),
        ({"config.py": ENDLESS}, "importing its settings did not end within 4 s"),
        ({"config.py": HEAVY}, "its settings imports scipy, for which every command"),
        ({"config.py": SLOW}, "importing its announcement and settings takes "),
        ({"config.py": "settings = 1\n"}, "bad_package.config has no class Config"),
        ({"config.py": "print(1 / 0)\n"}, "importing bad_package.config failed: ZeroDivisionError"),
        ({"domain.py": "class Domain: ...\n"}, "bad_package.domain:Domain is not a gansuite.domain.Domain"),
        (
            {"domain.py": "from gansuite.domain import Domain as Base\nclass Domain(Base): ...\n"},
            "bad_package.domain:Domain lacks endpoints, examples, networks, phases, preview, render, scores",
        ),
        ({"domain.py": CRASHING}, "importing its domain ended the process with SIGSEGV"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(site: Site, files: Mapping[str, str], problem: str) -> None:
    site.install_plugin("bad", files={"domain.py": DOMAIN, **files})
    found = diagnosed("bad", limit=4.0 if files.get("config.py") == ENDLESS else 60.0)
    assert found.problem is not None
    assert found.problem.startswith(problem)
    assert "bad-dist" in found.remedy


def test_what_is_known_without_running_it_is_not_run(site: Site) -> None:
    site.install_plugin("poor", requires=["no-such-thing>=1"])
    found = diagnosed("poor")
    assert found.problem == "needs no-such-thing, which is not installed"
    assert found.remedy == "pip install --upgrade poor-dist installs what it needs."
    assert found.seconds == {}


PLAIN = """
    from gansuite.plugin import Plugin

    bad = Plugin(name="bad", summary="One of a test", config="bad_package.config:C", domain="d:D")
"""
NEWER = PLAIN.replace("config=", "api=99, config=")
NEEDING = PLAIN.replace("from", "import nowhere\n    from")


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        (NEWER, "pip install --upgrade gansuite"),
        (NEEDING, "pip install --upgrade bad-dist installs what it needs."),
        ("bad = 1\n", "pip install --upgrade bad-dist, or pip uninstall bad-dist"),
    ],
)
def test_what_to_do_about_it_is_said(site: Site, source: str, remedy: str) -> None:
    site.install_plugin("bad", source)
    assert diagnosed("bad").remedy == remedy


def test_of_two_with_one_name_one_has_to_go(site: Site) -> None:
    site.install_plugin("twin")
    site.install("other-dist", {}, {"gansuite.plugins": {"twin": "twin_package.plugin:twin"}})
    both = [diagnose(one) for one in announcements() if one.name == "twin"]
    assert [one.remedy for one in both] == 2 * ["Uninstall one of the two."]


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
