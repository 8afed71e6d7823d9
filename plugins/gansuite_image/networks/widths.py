"""How many channels a convolutional network has where."""

from __future__ import annotations

import math
from typing import Protocol

SMALLEST = 4


class Widths(Protocol):
    """What says so: `width` channels next to the picture, twice as many at each halving, `widest` at most."""

    @property
    def width(self) -> int: ...

    @property
    def widest(self) -> int: ...


def widths(network: Widths, size: int) -> list[int]:
    """Return the channels at each halving of the size down to 4, from the picture inwards."""
    return [min(network.width << depth, network.widest) for depth in range(int(math.log2(size // SMALLEST)))]
