"""Networks that play games: a Keras core for GANs in which every domain is a plugin."""

from __future__ import annotations

__version__ = "0.1.0"
