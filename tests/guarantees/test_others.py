"""What the core promises, kept by the plugins that have more than one phase, or make something else."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

from promises import *  # noqa: F403
from tiny import TINY, plugins_of_this_repository

PLUGINS = ("cyclegan", "f-anogan", "musegan", "pix2pix", "srgan")
KILLED = (
    ("srgan", 1, "samples"),
    ("f-anogan", 2, "checkpoint"),
    ("musegan", 2, "anywhere"),
)


def test_every_plugin_of_this_repository_is_put_to_the_test() -> None:
    files = [ast.parse(file.read_text("utf-8")) for file in Path(__file__).parent.glob("test_*.py")]
    tried = [
        ast.literal_eval(line.value)
        for file in files
        for line in file.body
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "PLUGINS"
    ]
    assert set(TINY) == set(plugins_of_this_repository())
    assert sorted(itertools.chain(*tried)) == sorted(TINY)
