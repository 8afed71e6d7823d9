"""What the core promises, kept by the plugins that make images."""

from __future__ import annotations

from promises import *  # noqa: F403

PLUGINS = ("anogan", "cgan", "dcgan", "gan", "sngan", "wgan", "wgan-gp")
KILLED = (("dcgan", 1, "anywhere"),)
