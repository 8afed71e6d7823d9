"""Plugins are listed without running their code, and a broken one breaks only itself."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES

import pytest
from sites import Site

from gansuite.errors import PluginError, UsageError
from gansuite.registry import Announcement, announcements, load

HEAD = "from gansuite.plugin import Plugin\n"
REST = 'summary="s", config="bad_package.config:Config", domain="bad_package.domain:Domain"'
SOUND = f'{HEAD}bad = Plugin(name="bad", {REST})\n'


def named(name: str) -> Announcement:
    [found] = [one for one in announcements() if one.name == name]
    return found


def test_a_sound_plugin_is_listed_with_what_it_says(site: Site) -> None:
    site.install_plugin("good")
    good = named("good")
    assert good.problem is None
    assert good.summary == "A plugin of a test"
    assert (good.distribution, good.version, good.target) == ("good-dist", "1.0", "good_package.plugin:good")
    assert list(good.presets) == ["small", "wrong"]
    assert "good_package" not in sys.modules


def test_a_sound_plugin_is_loaded_and_its_classes_imported_on_use(site: Site) -> None:
    site.install_plugin("good")
    plugin = load("good")
    assert plugin == named("good").plugin
    assert "good_package.config" not in sys.modules
    assert plugin.config_class().__name__ == "Config"
    assert plugin.domain_class().__name__ == "Domain"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (
            "import no_such_module_anywhere\n" + SOUND,
            "imports no_such_module_anywhere, which is not installed",
        ),
        (
            "from bad_package.missing import x\n" + SOUND,
            "imports bad_package.missing, which is not installed",
        ),
        ("from .missing import x\n" + SOUND, "imports bad_package.missing, which is not installed"),
        (SOUND + "def broken(:\n", "syntax error in .*plugin.py, line 3"),
        (SOUND + "x = '\\0", "syntax error in .*plugin.py, line 3"),
        (HEAD, r"bad = Plugin\(\.\.\.\) is not at the top level"),
        (f"{HEAD}NAME = 'bad'\nbad = Plugin(name=NAME, {REST})\n", r"name must be a literal \(line 3\)"),
        (f"{HEAD}bad = Plugin('bad', {REST})\n", "must give its arguments by keyword"),
        (f"{HEAD}bad = Plugin(**dict())\n", "must give its arguments by keyword"),
        (f"{HEAD}bad = Plugin(name='bad')\n", "missing 3 required"),
        (f"{HEAD}bad = Plugin(name='bad', colour='red', {REST})\n", "unexpected keyword argument 'colour'"),
        (f"{HEAD}bad = Plugin(name='bad', api=2, colour='red', {REST})\n", "written for plugin interface 2"),
        (f"{HEAD}bad = Plugin(name='bad', api=True, {REST})\n", "api must be a whole number"),
        (f"{HEAD}bad = Plugin(name='../bad', {REST})\n", "a name consists of"),
        (f"{HEAD}bad = Plugin(name='other', {REST})\n", "registered as bad but calls itself other"),
        (f"{HEAD}bad = Plugin(name='bad', presets=[1], {REST})\n", "presets must be a mapping"),
        (f"{HEAD}bad = Plugin(name='bad', reads='music', {REST})\n", "reads must be a tuple"),
        (f"{HEAD}bad = Plugin(name='bad', reads=(1,), {REST})\n", "reads must be a tuple"),
        (f"{HEAD}bad = Plugin(name='bad', flags={{'-x': 'a.b'}}, {REST})\n", "flags must be a mapping"),
        (f"{HEAD}bad = Plugin(name='bad', flags={{'size': 'a b'}}, {REST})\n", "flags must be a mapping"),
        (f"{HEAD}bad = Plugin(name='bad', use='sing', {REST})\n", "use must be a command with RUN in it"),
        (SOUND.replace("config:", "nowhere:"), "module bad_package.nowhere is missing"),
        (SOUND.replace("domain:Domain", "domain"), 'domain must be "module:Class"'),
        ("#" * (1 << 20) + "\n" + SOUND, "larger than 1 MiB"),
        (SOUND + "x = " + "(" * 50_000, "syntax error|cannot be parsed"),
    ],
)
def test_a_broken_plugin_is_listed_with_its_reason_beside_a_sound_one(
    site: Site, source: str, problem: str
) -> None:
    site.install_plugin("good")
    site.install_plugin("bad", source)
    assert named("good").problem is None
    with pytest.raises(PluginError, match=rf"(?s)plugin bad \(from bad-dist 1.0\): .*({problem})"):
        load("bad")
    assert load("good").name == "good"


@pytest.mark.parametrize("statement", ["raise ImportError('lost')", "raise SystemExit(0)", "1 / 0"])
def test_a_plugin_that_fails_when_imported_is_told_of_when_it_is_used(site: Site, statement: str) -> None:
    site.install_plugin("good")
    site.install_plugin("bad", f"{SOUND}{statement}\n")
    assert named("bad").problem is None
    with pytest.raises(
        PluginError, match=r"plugin bad \(from bad-dist 1.0\): importing bad_package.plugin failed"
    ):
        load("bad")
    assert load("good").name == "good"


@pytest.mark.parametrize("part", ["config", "domain"])
def test_a_class_whose_module_exits_is_a_broken_plugin(site: Site, part: str) -> None:
    site.install_plugin("bad", SOUND, files={f"{part}.py": "import sys; sys.exit(0)"})
    plugin = load("bad")
    with pytest.raises(PluginError, match=f"importing bad_package.{part} failed: SystemExit: 0"):
        plugin.config_class() if part == "config" else plugin.domain_class()


def test_a_class_that_is_not_there_is_a_broken_plugin(site: Site) -> None:
    site.install_plugin("bad", SOUND, files={"config.py": "Config = 3"})
    with pytest.raises(PluginError, match=r"bad_package.config has no class Config"):
        load("bad").config_class()


def test_a_domain_that_fails_when_made_is_a_broken_plugin(site: Site) -> None:
    source = "class Domain:\n    def __init__(self, config): raise SystemExit(0)"
    site.install_plugin("bad", SOUND, files={"domain.py": source})
    with pytest.raises(PluginError, match="making its domain failed: SystemExit: 0"):
        load("bad").build_domain(None)


def test_an_error_for_people_passes_through_the_making_of_a_domain(site: Site) -> None:
    source = """
        from gansuite.errors import DataError

        class Domain:
            def __init__(self, config):
                raise DataError("no pictures", where="here")
    """
    site.install_plugin("bad", SOUND, files={"domain.py": source})
    with pytest.raises(UsageError, match="here: no pictures"):
        load("bad").build_domain(None)


def test_listing_runs_no_code_at_all_even_of_a_plugin_that_never_ends(site: Site) -> None:
    endless = "while True:\n    pass\n"
    site.install_plugin("good")
    site.install_plugin("bad", endless + SOUND, files={"__init__.py": endless, "config.py": endless})
    program = """
import json, sys
from gansuite.registry import announcements
found = [[one.name, one.problem] for one in announcements() if one.name in ("good", "bad")]
print(json.dumps([found, [name for name in sys.modules if name.endswith("_package")]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=site.environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == [[["bad", None], ["good", None]], []]


def test_two_plugins_of_one_name_are_reported_with_both_distributions(site: Site) -> None:
    site.install_plugin("good")
    site.install("rival", {}, {"gansuite.plugins": {"good": "good_package.plugin:good"}}, version="2.0")
    problems = [one.problem for one in announcements() if one.name == "good"]
    assert problems == ["is announced more than once, by good-dist 1.0 and rival 2.0"] * 2
    with pytest.raises(PluginError, match=r"good-dist 1.0 and rival 2.0"):
        load("good")


def test_a_plugin_of_gansuite_keeps_its_name(site: Site) -> None:
    site.install_plugin("dcgan")
    own, other = (one for one in announcements() if one.name == "dcgan")
    assert (own.distribution, own.problem) == ("gansuite", None)
    assert (other.distribution, other.problem) == ("dcgan-dist", "has the name of one of gansuite's own")
    assert load("dcgan").domain.startswith("gansuite_image.")


def test_a_module_that_is_not_there_is_named(site: Site) -> None:
    site.install("bad", {}, {"gansuite.plugins": {"bad": "bad_package.plugin:bad"}})
    assert named("bad").problem == "module bad_package.plugin is missing"


@pytest.mark.parametrize(
    ("requirement", "problem"),
    [
        ("no-such-distribution-anywhere", "needs no-such-distribution-anywhere, which is not installed"),
        ("click>=1000", r"needs click>=1000; \d.* is installed"),
        ("click ==", "its requirement 'click ==' cannot be read"),
    ],
)
def test_a_requirement_that_is_not_met_is_named(site: Site, requirement: str, problem: str) -> None:
    site.install_plugin("bad", SOUND, requires=[requirement])
    with pytest.raises(PluginError, match=problem):
        load("bad")


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("custom-build", r"needs bar>=1; custom-build is installed"),
        (None, r"needs bar>=1; what is installed does not say its version"),
    ],
)
def test_a_requirement_whose_version_is_none_is_a_problem_of_its_plugin_only(
    site: Site, version: str | None, problem: str
) -> None:
    site.install("bar", {}, {}, version=version or "1")
    if version is None:
        (site.folder / "bar-1.dist-info" / "METADATA").unlink()
    site.install_plugin("bad", SOUND, requires=["bar>=1"])
    site.install_plugin("good", requires=["bar"])
    with pytest.raises(PluginError, match=problem):
        load("bad")
    assert load("good").name == "good"


@pytest.mark.parametrize(
    ("marker", "problem"),
    [("nothing == '1'", "cannot be read"), ("python_version ~= 'x'", "its requirement .* cannot be read")],
)
def test_a_marker_that_says_nothing_is_a_problem_of_its_plugin_only(
    site: Site, marker: str, problem: str
) -> None:
    site.install_plugin("good")
    site.install_plugin("bad", SOUND, requires=[f"click; {marker}"])
    with pytest.raises(PluginError, match=problem):
        load("bad")
    assert named("good").problem is None


def test_what_cannot_be_looked_for_is_a_problem_of_its_plugin_only(site: Site) -> None:
    """A name that is too long fails as a folder does that may not be looked into."""
    long = "x" * 300
    site.install_plugin("good")
    site.install_plugin("bad", SOUND.replace("bad_package.config", f"bad_package.{long}"))
    site.install("worse", {}, {"gansuite.plugins": {"worse": f"good_package.{long}:worse"}})
    assert "File name too long" in (named("bad").problem or "")
    assert "File name too long" in (named("worse").problem or "")
    assert named("good").problem is None


def test_a_plugin_without_a_version_is_listed(site: Site) -> None:
    site.install_plugin("good")
    site.install_plugin("bad", SOUND)
    metadata = site.folder / "bad_dist-1.0.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text().replace("Version: 1.0\n", ""))
    assert named("bad").version == "of no version"
    assert named("good").problem is None


class Failing:
    """Finds modules of other people, as an editable installation does, and fails."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.startswith("bad_"):
            raise RuntimeError("lost")


def test_a_finder_that_fails_is_a_problem_of_its_plugin_only(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "meta_path", [Failing(), *sys.meta_path])
    site.install_plugin("good")
    site.install_plugin("bad", SOUND)
    assert named("bad").problem == "module bad_package.plugin is missing"
    assert named("good").problem is None


def test_requirements_of_extras_and_other_systems_do_not_count(site: Site) -> None:
    site.install_plugin("good", requires=["click>=8", "lost; extra == 'more'", "lost; python_version < '3'"])
    assert named("good").problem is None


def test_an_entry_point_that_is_no_target_is_a_problem_of_its_plugin_only(site: Site) -> None:
    site.install_plugin("good")
    site.install("bad", {}, {"gansuite.plugins": {"bad": "not a target"}})
    assert "is not module:attribute" in (named("bad").problem or "")
    assert named("good").problem is None


def test_damaged_metadata_of_one_distribution_does_not_hide_the_others(site: Site) -> None:
    site.install_plugin("good")
    site.install("bad", {}, {"gansuite.plugins": {"bad": "a:b"}})
    (site.folder / "bad-1.0.dist-info" / "entry_points.txt").write_bytes(
        b"[gansuite.plugins]\n\xff\xfe = a:b\n"
    )
    assert named("good").problem is None


def test_an_import_that_the_plugin_itself_guards_is_not_missing(site: Site) -> None:
    guarded = "try:\n    import no_such_module_anywhere\nexcept ImportError:\n    pass\n"
    site.install_plugin("good", guarded + SOUND.replace("bad", "good"))
    assert named("good").problem is None


def test_a_plugin_in_a_single_module_is_found(site: Site) -> None:
    source = SOUND.replace("bad_package.config", "bad_package").replace("bad_package.domain", "bad_package")
    site.install("bad", {"bad_package.py": source}, {"gansuite.plugins": {"bad": "bad_package:bad"}})
    assert named("bad").problem is None


def test_a_plugin_in_a_package_without_init_is_found(site: Site) -> None:
    site.install_plugin("good")
    (site.folder / "good_package" / "__init__.py").unlink()
    assert named("good").problem is None


@pytest.mark.parametrize("part", ["domain.py", "domain/__init__.py"])
def test_a_part_of_a_plugin_that_is_compiled_is_there(site: Site, part: str) -> None:
    source = "from bad_package.domain import Domain\n" + SOUND
    site.install_plugin("bad", source, files={part: "class Domain: ...\n"})
    if part != "domain.py":
        (site.folder / "bad_package" / "domain.py").unlink()
    site.compile(f"bad_package/{part}")
    assert named("bad").problem is None
    assert load("bad").domain_class().__name__ == "Domain"


@pytest.mark.parametrize("suffix", EXTENSION_SUFFIXES)
def test_a_part_of_a_plugin_that_is_a_library_is_there(site: Site, suffix: str) -> None:
    site.install_plugin("bad", SOUND)
    domain = site.folder / "bad_package" / "domain.py"
    domain.rename(domain.with_name(f"domain{suffix}"))
    assert named("bad").problem is None


def test_an_unknown_plugin_is_answered_with_the_nearest(site: Site) -> None:
    site.install_plugin("good")
    with pytest.raises(UsageError, match=r"there is no plugin 'goood'\n  did you mean good\?") as caught:
        load("goood")
    assert caught.value.exit_code == 2
