"""What the core promises, kept by the plugins that have more than one phase, or make something else."""

from __future__ import annotations

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
    folder = Path(__file__).parent
    named = "".join(file.read_text("utf-8") for file in folder.glob("test_*.py"))
    assert set(TINY) == set(plugins_of_this_repository())
    assert [plugin for plugin in TINY if f'"{plugin}"' not in named] == []
