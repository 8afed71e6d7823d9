"""Documents as people follow them: their blocks one after the other, in one folder, without the long waits.

Commands run in this process. What would take long is made short, and said here:

- The first training of a plugin whose run is used in its page is a real one, of a few steps on a little
  data (`tiny.TINY`). The settings that the page gives are resolved as they stand, with `--dry-run`, and so
  are all other trainings. Later pages get a copy of that run. Exports likewise, where nothing but the place
  and the name is another.
- A verb that was run with the same arguments on a run of the same plugin in a page before is not run again.
- `CHECKED` has what is only parsed, `OTHERS` the programs that are not ours, with reasons.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import click
import numpy as np
import pytest
import yaml
from PIL import Image

from gansuite.cli import main
from gansuite.cli.group import gansuite as program
from tiny import TINY, pairs, photographs, songs

REPOSITORY = Path(__file__).resolve().parents[2]
#: Commands that are parsed, with all their options, and not run.
CHECKED = {
    r"datasets features": "trains a classifier for longer than all pages take",
    r"datasets prepare (?!digits)": "fetches, or transcribes for long",
    r"evaluation\.features=(inception|file)": "needs weights that are fetched",
    r"--data set5": "is fetched",
    r"plugins doctor$": "imports every plugin, each in a process of its own: another page has it for one",
    r"plugins check": "trains: has tests of its own",
}
#: Programs that are not ours.
OTHERS = {
    r"pip install": "asks an index; a plugin of one's own is put where it would be installed",
    r"\. \.venv/bin/activate": "for the shell that it is typed in",
    r"\.venv/bin/pre-commit install": "changes the clone",
    r"docker ": "a stand-in answers instead",
    r"tensorboard ": "serves until it is stopped",
}
#: Where documents have a server -> the module of what stands for it.
ADDRESSES = {"http://localhost:8501": "model_server", "grpc://localhost:8500": "prediction_server"}
#: What says where an export lies, and not what it is.
PLACED = ("run", "folder", "name", "number")
#: Verbs whose answer depends on the run and the arguments only.
REPEATED = ("generate", "evaluate", "report", "translate", "upscale", "detect")
#: What makes the trainings of these pages shorter still than `TINY`, or is used by commands that follow.
SHORT = {
    "musegan": ("training.evaluate_every=1", "training.best=qualified_notes", "training.evaluate_count=4"),
    "dcgan": ("data.size=8",),
    "cgan": ("data.size=8", "feature_matching=0", "discriminator.deviation=false"),
    "pix2pix": ("discriminator.layers=0",),
    "cyclegan": ("discriminator.layers=0",),
}
#: The plugin whose runs are gone on with, once.
RESUMED = "dcgan"


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block of a document.

    Args:
        language: the first word behind the fence.
        text: what it holds.
        line: of the document, counted from 1.
    """

    language: str
    text: str
    line: int


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a Markdown document."""
    fences = re.finditer(r"^```(\S+)[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [Block(language=one[1], text=one[2], line=text.count("\n", 0, one.start()) + 1) for one in fences]


def commands(block: Block) -> list[list[str]]:
    """Return the commands of a block, a line each, in words."""
    lines = block.text.replace("\\\n", " ").splitlines()
    return [words for words in (shlex.split(line, comments=True) for line in lines) if words]


def furnish(folder: Path) -> None:
    """Put what documents speak of into a folder: pictures, pairs, photographs, songs, a file of settings."""
    pixels = np.random.default_rng(0).integers(0, 256, [16, 24, 24, 3], np.uint8)
    named = [folder / name for name in ("small.png", "drawing.png", "picture.jpg")]
    named += [folder / f"folder/of/pictures/{number}.png" for number in range(10)]
    named += [folder / "folder/of/small/pictures/one.png"]
    named += [folder / f"folder/bottle/{part}/0.png" for part in ("train/good", "test/good", "test/broken")]
    for path, one in zip(named, pixels, strict=False):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(one).save(path)
    (folder / "my.toml").write_text("[training]\nsteps = 1000\n")
    for make, name in ((pairs, "pairs"), (songs, "midi"), (photographs, "photographs")):
        shutil.move(make(folder), folder / "folder" / "of" / name)


@dataclass(kw_only=True)
class Library:
    """What was made for one page and serves the next.

    Args:
        folder: of it.
        runs: name of a plugin -> a run of it.
        exports: name of a plugin, and how it was exported -> that version of its run.
        done: what was run before.
        resumed: whether a run was gone on with.
    """

    folder: Path
    runs: dict[str, Path] = field(default_factory=dict)
    exports: dict[tuple[str, ...], Path] = field(default_factory=dict)
    done: set[tuple[str, ...]] = field(default_factory=set)
    resumed: bool = False


class Page:
    """A document that is followed, in a folder of its own.

    Args:
        name: of the document, relative to the repository.
        folder: to follow it in.
        library: what pages share.
        patch: for what lasts as long as the page.
        output: what was printed.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        library: Library,
        patch: pytest.MonkeyPatch,
        output: pytest.CaptureFixture[str],
    ) -> None:
        self.name = name
        self.blocks = blocks((REPOSITORY / name).read_text("utf-8"))
        self._folder = folder
        self._library = library
        self._patch = patch
        self._output = output
        self._trained: dict[str, str] = {}
        self._stack = ExitStack()
        self._module = types.ModuleType("documented")
        patch.setitem(sys.modules, "documented", self._module)

    def follow(self) -> list[int]:
        """Do all that the page says; the lines of the blocks that could be done.

        Raises:
            AssertionError: one could not.
        """
        followed = []
        furnish(self._folder)
        self._patch.chdir(self._folder)
        with self._stack:
            for block in self.blocks:
                try:
                    self._do(block)
                    followed.append(block.line)
                except Exception as error:
                    raise AssertionError(f"{self.name}, line {block.line}: {error}") from error
            for module in [one for one in sys.modules if one.partition(".")[0] == "gansuite_spirals"]:
                del sys.modules[module]
        return followed

    def _do(self, block: Block) -> None:
        if block.language == "sh":
            for words in commands(block):
                self._run(words)
        elif block.language == "python":
            code = compile(self._addressed(block.text), f"{self.name}:{block.line}", "exec")
            exec(code, vars(self._module))  # noqa: S102  that is what documents are for
        elif block.language == "toml":
            name = block.text.partition("\n")[0].removeprefix("# ")
            assert name.endswith(".toml"), "a block of TOML begins with the name of its file"
            tomllib.loads(block.text)
            (self._folder / name).write_text(block.text, "utf-8")
        elif block.language == "json":
            json.loads(block.text)
        elif block.language == "yaml":
            list(yaml.safe_load_all(block.text))

    def _addressed(self, text: str) -> str:
        """Have a text ask the stand-in of a server, which begins to serve."""
        for address, module in ADDRESSES.items():
            if address in text:
                serving = importlib.import_module(module).serving
                server = self._stack.enter_context(serving(self._folder / "served"))
                text = text.replace(address, server.url)
        return text

    def _run(self, words: Sequence[str]) -> None:
        line = shlex.join(words)
        assigned = [word for word in words if re.match(r"[A-Z_]+=", word)]
        if words[0] == "srun":
            self._run(words[words.index("gansuite") :])
        elif assigned and words[0] in assigned:
            with self._patch.context() as patch:
                for word in assigned:
                    patch.setenv(*word.split("=", 1))
                self._run(words[len(assigned) :])
        elif words[0].startswith("scripts/"):
            script = REPOSITORY / words[0]
            assert os.access(script, os.X_OK), f"{script} cannot be run"
            subprocess.run(["bash", "-n", script], check=True)
        elif words[0] == "gansuite":
            self._gansuite([self._addressed(word) for word in words[1:]])
        elif any(re.match(pattern, line) for pattern in OTHERS):
            if "-e" in words:
                install(self._folder / words[-1], self._patch)
        else:
            subprocess.run(["bash", "-euc", self._addressed(line)], check=True, timeout=60)

    def _gansuite(self, words: list[str]) -> None:
        target = None
        if ">" in words:
            words, target = words[: words.index(">")], words[-1]
        checked = any(re.search(pattern, " ".join(words)) for pattern in CHECKED)
        if checked:
            parse(words)
        elif words[0] == "train":
            self._train(words)
        elif words[0] == "export":
            self._export(words)
        elif words[0] in REPEATED and self._is_repeated(words):
            pass
        else:
            self._call([*words, *(["-n", "16"] if words[0] == "evaluate" else [])])
        printed = self._output.readouterr().out
        if target is not None:
            (self._folder / target).write_text(printed, "utf-8")

    def _is_repeated(self, words: Sequence[str]) -> bool:
        key = tuple(self._trained.get(word, word) for word in words)
        known = key in self._library.done
        self._library.done.add(key)
        return known

    def _train(self, words: list[str]) -> None:
        if "--resume" in words:
            plugin = self._trained[words[words.index("--resume") + 1]]
            real = plugin == RESUMED and not self._library.resumed
            self._library.resumed |= real
            self._call([*words, *(["--steps", "2"] if real else ["--dry-run"])])
            return
        self._call([*words, *(["--dry-run"] if "--dry-run" not in words else [])])
        if "--out" in words and self._is_used(words[words.index("--out") + 1]):
            self._make_run(words[1], words, words[words.index("--out") + 1])

    def _is_used(self, run: str) -> bool:
        """Whether a command speaks of a run that another one trains."""
        lines = [line for block in self.blocks if block.language == "sh" for line in commands(block)]
        return any(run in line and "--out" not in line for line in lines)

    def _make_run(self, plugin: str, words: list[str], out: str) -> None:
        self._trained[out] = plugin
        kept = self._library.folder / plugin
        if plugin not in self._library.runs:
            material = self._library.folder / f"{plugin}-data"
            material.mkdir()
            short = TINY[plugin].arguments(material) if plugin in TINY else []
            more = [word for one in SHORT.get(plugin, ()) for word in ("--set", one)]
            self._call([*words, *short, *more, "--steps", "1", "-q"])
            shutil.copytree(self._folder / out, kept)
            self._library.runs[plugin] = kept
        elif not (self._folder / out).exists():
            shutil.copytree(kept, self._folder / out)

    def _export(self, words: list[str]) -> None:
        context = parse(words)
        plugin = self._trained[words[1]]
        model = self._folder / context.params["folder"] / (context.params["name"] or plugin)
        number = context.params["number"] or 1 + sum(path.name.isdecimal() for path in model.glob("*"))
        how = (f"{key}={value}" for key, value in sorted(context.params.items()) if key not in PLACED)
        key = (plugin, *how)
        if key not in self._library.exports:
            self._call(words)
            kept = self._library.folder / f"exported-{len(self._library.exports)}"
            shutil.copytree(model / str(number), kept)
            self._library.exports[key] = kept
        else:
            shutil.copytree(self._library.exports[key], model / str(number))

    def _call(self, words: Sequence[str]) -> None:
        code = main(words)
        assert code == 0, f"gansuite {shlex.join(words)}\n{self._output.readouterr().err}"


def install(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Put a plugin where it is found: what installing it writes beside its package."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    about = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir()
    described = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (about / "METADATA").write_text(described)
    (about / "entry_points.txt").write_text("\n".join(_groups(project["entry-points"])))
    patch.syspath_prepend(folder)


def _groups(entry_points: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for group, points in entry_points.items():
        yield f"[{group}]"
        yield from (f"{name} = {target}" for name, target in points.items())


def parse(words: Sequence[str]) -> click.Context:
    """Parse a command line with all its options, as far as its verb would run.

    Raises:
        click.UsageError: there is no such verb, argument or option.
    """
    command, rest, context = program, list(words), click.Context(program)
    while isinstance(command, click.Group):
        name = rest.pop(0)
        found = command.get_command(context, name)
        if found is None:
            raise click.UsageError(f"there is no verb {name}")
        command = found
    return command.make_context(words[0], rest)
