"""Whether plugins that were broken on purpose are found out, and in nobody's way.

    python benchmarks/broken_plugins.py [--append] [--quick]

All of them are installed beside each other: those that cannot be imported as they should, of which
`gansuite plugins doctor` must say what is wrong; those that do something that runs are promised not to, which
`gansuite plugins check` must find; two of one name, and one with the name of one of gansuite's own.
Promised: each is told of in the right words; `gansuite --help`, `gansuite plugins list` and
`gansuite train dcgan` end well beside all of them; and `gansuite --help` takes 0.3 s at most (the median of
ten).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from results import REPOSITORY, Figure, options, parse, publish

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from broken import BROKEN, UNUSABLE
from sites import Site

from tiny import TINY

TWICE, TAKEN = "twin", "dcgan"
SAID_OF = {TWICE: "is announced more than once", TAKEN: "has the name of one of gansuite's own"}
#: Seconds that `plugins doctor` gives one: what works takes 5.
LIMIT = 30.0


def main() -> None:
    """Install them all, ask what is wrong, and try what has to work beside them."""
    arguments = parse(options(__doc__))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        site = Site(folder / "site")
        unusable = {f"unusable_{number}": what for number, what in enumerate(UNUSABLE)}
        broken = {f"broken_{number}": what for number, what in enumerate(BROKEN)}
        for name, what in unusable.items():
            UNUSABLE[what].install(site, name)
        for name, what in broken.items():
            BROKEN[what].install(site, name, folder / "sources" / name)
        for distribution, name in ((TWICE, TWICE), (f"other-{TWICE}", TWICE), (TAKEN, TAKEN)):
            site.install(distribution, {}, {"gansuite.plugins": {name: f"nowhere.at:{name}"}})
        if arguments.quick:
            unusable, broken = dict([*unusable.items()][:2]), dict([*broken.items()][:1])
        told = {**doctored(site, unusable), **checked(site, broken)}
        small = TINY[TAKEN].arguments(folder)
        training = ["train", TAKEN, *small, "--steps", "2", "--out", str(folder / "run")]
        commands = (["--help"], ["plugins", "list"], training)
        ended = {" ".join(words[:2]): run(site, *words).returncode for words in commands}
        seconds = [timed(site, "--help") for _ in range(2 if arguments.quick else 10)]
    right = sum(one["right"] for one in told.values())
    figures = [
        Figure(name="plugins broken on purpose, told of in the right words", value=right, at_least=len(told)),
        Figure(name="commands of --help, plugins list and train dcgan that fail beside them",
               value=sum(code != 0 for code in ended.values()), at_most=0),
        Figure(name="`gansuite --help` beside them, wall time", value=median(seconds), unit="s", at_most=0.3),
    ]  # fmt: skip
    publish(arguments, figures, {"told": told, "ended": ended, "seconds": [round(one, 3) for one in seconds]})


def doctored(site: Site, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Ask `gansuite plugins doctor` about those that cannot be imported, and about names that two have."""
    done = run(site, "plugins", "doctor", *names, *SAID_OF, "--json", "--seconds", str(LIMIT))
    found = json.loads(done.stdout)
    told = {}
    for name, what in names.items():
        (problem,) = [one["problem"] for one in found if one["name"] == name]
        told[what] = {"said": problem, "right": UNUSABLE[what].names(problem, name)}
    for name, said in SAID_OF.items():
        problems = [one["problem"] for one in found if one["name"] == name and one["problem"]]
        right = bool(problems) and all(problem.startswith(said) for problem in problems)
        told[f"a name that another has, {name}"] = {"said": problems, "right": right}
    return told


def checked(site: Site, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Ask `gansuite plugins check` about those that keep no promise."""
    told = {}
    for name, what in names.items():
        done = run(site, "plugins", "check", name, "--only", BROKEN[what].check, "--json")
        problems = {one["check"]: one["problem"] for one in json.loads(done.stdout) if one["problem"]}
        right = problems.keys() == {BROKEN[what].check} and BROKEN[what].said in problems[BROKEN[what].check]
        told[what] = {"said": problems, "right": right}
        print(f"{what}: {problems}", file=sys.stderr)
    return told


def run(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `gansuite` where the plugins are installed."""
    begin = [sys.executable, "-m", "gansuite"]
    return subprocess.run([*begin, *words], env=site.environment, capture_output=True, text=True, check=False)


def timed(site: Site, *words: str) -> float:
    """Run the installed command; seconds."""
    script = Path(sys.executable).with_name("gansuite")
    begun = time.perf_counter()
    subprocess.run([script, *words], env=site.environment, capture_output=True, check=True)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
