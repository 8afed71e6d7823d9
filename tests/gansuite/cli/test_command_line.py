"""The command line as people use it: in a fresh process, by its output and exit code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sites import Site

from shell import Type

HEAVY = ("tensorflow", "keras", "numpy", "gansuite_music", "gansuite_image", "good_package", "verb_package")
#: A path that nobody, not even root, gets to.
FAR = f"{'x' * 300}/run"
VERB = """
    import click


    @click.command()
    @click.argument("words", nargs=-1)
    def shout(words):
        \"\"\"Say it louder.\"\"\"
        click.echo(" ".join(words).upper())
"""


def imported(site: Site, *arguments: str) -> list[str]:
    program = f"""
import sys
from gansuite.cli import main
code = main({list(arguments)!r})
heavy = [name for name in sys.modules if name.partition(".")[0] in {HEAVY!r}]
print(code, *heavy, file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=site.environment, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stderr.split()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("plugins", "list"),
        ("plugins", "info", "musegan"),
        ("datasets", "list"),
        ("train", "--help"),
    ],
)
def test_help_and_lists_import_nothing_heavy(site: Site, arguments: tuple[str, ...]) -> None:
    site.install_plugin("good")
    site.install(
        "verb-dist", {"verb_package.py": VERB}, {"gansuite.commands": {"shout": "verb_package:shout"}}
    )
    assert imported(site, *arguments) == ["0"]


def test_a_dry_run_imports_nothing_heavy_but_the_settings(site: Site) -> None:
    site.install_plugin("good")
    found = imported(site, "train", "good", "--dry-run")
    assert found == ["0", "good_package", "good_package.plugin", "good_package.config"]


def test_tensorflow_takes_no_scikit_learn_along_when_it_starts(site: Site) -> None:
    program = """
import sys
from gansuite.cli.screen import Screen
Screen().import_tensorflow()
print(*(name for name in ("keras", "sklearn") if name in sys.modules))
import sklearn.base
print(sklearn.base.BaseEstimator.__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=site.environment, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["keras", "BaseEstimator"]


def test_verbs_of_plugins_are_listed_with_what_they_do_and_run(site: Site, gansuite: Type) -> None:
    site.install(
        "verb-dist", {"verb_package.py": VERB}, {"gansuite.commands": {"shout": "verb_package:shout"}}
    )
    assert re.search(r"^  shout +Say it louder\.$", gansuite("--help").stdout, re.MULTILINE)
    assert gansuite("shout", "all", "well").stdout == "ALL WELL\n"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("raise SystemExit(0)", "importing verb_package failed: SystemExit: 0"),
        ("shout = 3", "is not a click command"),
        ("import lost_module_anywhere", "importing verb_package failed: ModuleNotFoundError"),
    ],
)
def test_a_broken_verb_breaks_only_itself(site: Site, gansuite: Type, source: str, message: str) -> None:
    site.install(
        "verb-dist", {"verb_package.py": source}, {"gansuite.commands": {"shout": "verb_package:shout"}}
    )
    assert re.search(r"^  shout +From verb-dist\.$", gansuite("--help").stdout, re.MULTILINE)
    assert f"command shout (from verb-dist): {message}" in gansuite("shout", code=3).stderr


INTERRUPTED_IN_A_DESTRUCTOR = """
    import os, signal, time
    import click

    class Late:
        def __del__(self):
            os.kill(os.getpid(), signal.{name})
            time.sleep(0.01)

    @click.command()
    def shout():
        Late()
        time.sleep(60)
        click.echo("never stopped")
    """


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupt_that_python_ignores_comes_again(site: Site, gansuite: Type, name: str) -> None:
    source = INTERRUPTED_IN_A_DESTRUCTOR.format(name=name)
    site.install(
        "verb-dist", {"verb_package.py": source}, {"gansuite.commands": {"shout": "verb_package:shout"}}
    )
    done = gansuite("shout", code=130)
    assert done.stdout == ""
    assert "interrupted" in done.stderr


def test_a_verb_of_two_distributions_is_refused_with_both(site: Site, gansuite: Type) -> None:
    for name in ("one-dist", "two-dist"):
        site.install(name, {"verb_package.py": VERB}, {"gansuite.commands": {"shout": "verb_package:shout"}})
    assert "by one-dist and two-dist" in gansuite("shout", code=3).stderr


def test_a_broken_plugin_is_listed_with_its_reason_and_exits_with_3_when_used(
    site: Site, gansuite: Type
) -> None:
    site.install_plugin("bad", "def broken(:")
    lines = gansuite("plugins", "list").stdout.splitlines()
    [bad] = [line for line in lines if line.startswith("bad ")]
    [good] = [line for line in lines if line.startswith("good ")]
    assert "broken: syntax error in" in bad
    assert "A plugin of a test" in good
    assert "broken:" in gansuite("plugins", "info", "bad").stdout
    assert "plugin bad (from bad-dist 1.0): syntax error" in gansuite("train", "bad", code=3).stderr


def test_a_plugin_that_exits_when_imported_exits_with_3(site: Site, gansuite: Type) -> None:
    site.install_plugin("bad", files={"config.py": "raise SystemExit(0)"})
    done = gansuite("train", "bad", code=3)
    assert "plugin bad: importing bad_package.config failed: SystemExit: 0" in done.stderr
    gansuite("-v", "train", "bad", code=3)
    gansuite("train", "-v", "bad", code=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trian"], "No such command 'trian': did you mean train?"),
        (["plugins", "lst"], "No such command 'lst': did you mean list?"),
        (["train"], "say which PLUGIN to train"),
        (["train", "goood"], "there is no plugin 'goood'\n  did you mean good?"),
        (["config", "goood"], "did you mean good?"),
        (["plugins", "info", "goood"], "did you mean good?"),
        (["train", "good", "--preset", "smal"], "no preset 'smal'\n  did you mean small?"),
        (["train", "good", "--preset", "wrong"], "training.stepz (preset wrong): no such setting"),
        (["train", "good", "--set", "training.stpes=3"], "did you mean training.steps?"),
        (
            ["train", "good", "--steps", "0"],
            "training.steps (--steps): expected a whole number of at least 1",
        ),
        (["train", "good", "--steps", "many"], "'many' is not a valid integer"),
        (
            ["train", "good", "--precision", "float16"],
            "float16 is not offered: scaling its losses lets an infinity",
        ),
        (["train", "good", "--set", "training.strategy=parameter-server"], "is not offered: its workers do"),
        (["train", "good", "--strategy", "miror"], "did you mean mirrored?"),
        (["train", "good", "--config", "lost.toml"], "lost.toml: cannot be read: No such file"),
        (["train", "good", "--data", "chorals"], "Did you mean chorales?"),
        (["train", "good", "--data", "chorals", "--dry-run"], "Did you mean chorales?"),
        (["train", "good", "--resume", "lost"], "lost: there is no such run directory"),
        (["train", "good", "--resume", FAR], "/run: cannot be reached: File name too long"),
        (["train", "good", "--resume", ""], "Invalid value for '--resume': is empty"),
        (["train", "good", "--data", FAR], "/run: cannot be reached: File name too long"),
        (["train", "good", "--data", ""], "data.source: is empty"),
        (["train", "good", "--out", "."], ".: is not empty"),
        (["train", "good", "--out", FAR], "/run: cannot be reached: File name too long"),
        (["train", "good", "--out", ""], "Invalid value for '--out': is empty"),
        (
            ["train", "dcgan", "--data", "pop909"],
            "data set pop909: holds music; dcgan reads pictures or points",
        ),
        (["train", "musegan", "--data", "ring"], "Name one of chorales, pop909, or a folder"),
        (["datasets", "features", "chorales"], "data set chorales: holds music, not pictures"),
        (["datasets", "info", "chorals"], "did you mean chorales?"),
        (["datasets", "prepare", "chorals"], "did you mean chorales?"),
        (["generate", "lost"], "lost: there is no such run directory"),
        (["generate", ""], "Invalid value for 'RUN': is empty"),
        (["generate", "."], ".: is not a run directory"),
        (["report", "."], ".: is not a run directory"),
        (["evaluate", "."], ".: is not a run directory"),
        (["plugins", "check", "good", "--keep", "something"], "'--keep': Directory 'something' is a file"),
        (
            ["train", "musegan", "--set", "output.soundfont=~nobody-of-this-name/a.sf2"],
            "output.soundfont (--set): ~nobody-of-this-name/a.sf2 cannot be reached: Could not",
        ),
        (["generate", "run", "-n", "0"], "0 is not in the range x>=1"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_message(
    gansuite: Type, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "work" / "something").write_text("")
    done = gansuite(*arguments, code=2)
    assert message in done.stderr
    assert done.stdout == ""


def test_what_nobody_foresaw_is_one_line_and_a_traceback_on_request(site: Site, gansuite: Type) -> None:
    source = VERB.replace('click.echo(" ".join(words).upper())', "raise ValueError('too loud')")
    site.install(
        "verb-dist", {"verb_package.py": source}, {"gansuite.commands": {"shout": "verb_package:shout"}}
    )
    place = f"{site.folder / 'verb_package.py'}:9"
    said = f"gansuite: ValueError: too loud ({place})\n"
    assert gansuite("shout", code=1).stderr == f"{said}  gansuite -v shows the traceback\n"
    told = gansuite("-v", "shout", code=1).stderr
    assert "Traceback" in told
    assert told.endswith(said)


def test_what_a_plugin_did_wrong_is_told_with_its_line(site: Site, gansuite: Type) -> None:
    site.install_plugin("bad", files={"config.py": "import json\n\njson.loads(given)\n"})
    told = gansuite("config", "bad", code=3).stderr
    assert f"NameError: name 'given' is not defined ({site.folder / 'bad_package/config.py'}:3)\n" in told
    (site.folder / "bad_package/config.py").write_text("import json\n\njson.loads('{')\n")
    assert f"({site.folder / 'bad_package/config.py'}:3)\n" in gansuite("config", "bad", code=3).stderr
    (site.folder / "bad_package/config.py").write_text("wrong wrong\n")
    told = gansuite("config", "bad", "-v", code=3).stderr
    assert told.endswith(f"SyntaxError: invalid syntax ({site.folder / 'bad_package/config.py'}:1)\n")


def test_a_plugin_that_ends_the_process_does_not_look_like_success(site: Site, gansuite: Type) -> None:
    source = VERB.replace('click.echo(" ".join(words).upper())', "raise SystemExit(0)")
    site.install(
        "verb-dist", {"verb_package.py": source}, {"gansuite.commands": {"shout": "verb_package:shout"}}
    )
    assert "gansuite shout: a plugin's code ended the process (0)" in gansuite("shout", code=3).stderr


def test_an_interrupt_outside_of_training_exits_with_130(site: Site, gansuite: Type) -> None:
    source = VERB.replace('click.echo(" ".join(words).upper())', "raise KeyboardInterrupt")
    site.install(
        "verb-dist", {"verb_package.py": source}, {"gansuite.commands": {"shout": "verb_package:shout"}}
    )
    told = gansuite("shout", code=130).stderr
    assert told == "\ngansuite: interrupted; nothing half-written was kept\n"


def test_a_file_that_ends_too_early_is_no_interrupt(site: Site, gansuite: Type) -> None:
    source = VERB.replace('click.echo(" ".join(words).upper())', "raise EOFError('half a file')")
    site.install(
        "verb-dist", {"verb_package.py": source}, {"gansuite.commands": {"shout": "verb_package:shout"}}
    )
    said = f"gansuite: EOFError: half a file ({site.folder / 'verb_package.py'}:9)\n"
    assert gansuite("shout", code=1).stderr == f"\n{said}  gansuite -v shows the traceback\n"
    assert gansuite("-v", "shout", code=1).stderr.endswith(said)


@pytest.mark.parametrize(
    ("ending", "code"),
    [("return len(words)", 0), ("click.get_current_context().exit(len(words))", 2)],
)
def test_a_verb_says_its_exit_code_and_does_not_return_it(
    site: Site, gansuite: Type, ending: str, code: int
) -> None:
    source = VERB.replace('click.echo(" ".join(words).upper())', ending)
    site.install(
        "verb-dist", {"verb_package.py": source}, {"gansuite.commands": {"shout": "verb_package:shout"}}
    )
    assert gansuite("shout", "all", "well", code=code).stderr == ""


def test_a_data_set_is_prepared_and_its_place_printed(gansuite: Type) -> None:
    [line] = gansuite("datasets", "prepare", "digits").stdout.splitlines()
    assert Path(line).is_file()


def test_data_sets_are_listed_and_described(gansuite: Type) -> None:
    assert "\nchorales " in gansuite("datasets", "list").stdout
    assert "licence:" in gansuite("datasets", "info", "chorales").stdout


def complete(gansuite: Type, words: str) -> list[str]:
    """What bash is offered for the last of some words, by the protocol that click's script speaks."""
    typed = words.split(" ")
    done = gansuite(_GANSUITE_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(typed) - 1))
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line.startswith("plain,")]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("gansuite trai", ["train"]),
        ("gansuite train goo", ["good"]),
        ("gansuite train --quiet goo", ["good"]),
        ("gansuite train musegan --preset sma", []),
        ("gansuite config goo", ["good"]),
        ("gansuite plugins info ba", ["bad"]),
        ("gansuite train ba", []),
        ("gansuite train good --preset s", ["small"]),
        ("gansuite config good --preset s", ["small"]),
        ("gansuite train --quiet good --seed 3 --preset ", ["small", "wrong"]),
        ("gansuite train good --pres", ["--preset"]),
        ("gansuite train good --data chor", ["chorales"]),
        ("gansuite datasets info chor", ["chorales"]),
        ("gansuite datasets prep", ["prepare"]),
        ("gansuite train good --strategy m", ["mirrored", "multiworker"]),
    ],
)
def test_the_shell_completes_what_there_is(
    site: Site, gansuite: Type, words: str, offered: list[str]
) -> None:
    site.install_plugin("bad", "def broken(:")
    assert complete(gansuite, words) == offered


def test_every_verb_is_completed_without_importing_it(gansuite: Type) -> None:
    verbs = ["train", "generate", "evaluate", "config", "report", "plugins", "datasets"]
    assert set(verbs) <= set(complete(gansuite, "gansuite "))


def test_the_completion_script_is_for_the_shell(gansuite: Type) -> None:
    assert (
        "complete -o nosort -F _gansuite_completion gansuite"
        in gansuite(_GANSUITE_COMPLETE="bash_source").stdout
    )
