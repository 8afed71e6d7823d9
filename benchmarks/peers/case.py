"""What is measured: a phase of a plugin, and the step in PyTorch that is its equal."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

Step = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Form:
    """How PyTorch runs."""

    channels_last: bool = False
    compiled: bool = False
    half: bool = False

    @property
    def text(self) -> str:
        """Its name in the details."""
        return f"{'compiled' if self.compiled else 'eager'}{', channels-last' * self.channels_last}"

    def placed(self, network: nn.Module) -> Any:
        """A network as this form has it."""
        network = network.to(memory_format=torch.channels_last) if self.channels_last else network
        return torch.compile(network) if self.compiled else network

    def laid_out(self, pictures: torch.Tensor) -> torch.Tensor:
        """Pictures as this form has them."""
        return pictures.to(memory_format=torch.channels_last) if self.channels_last else pictures

    def arithmetic(self) -> AbstractContextManager[Any]:
        """What forward passes run in."""
        return torch.autocast("cpu", dtype=torch.bfloat16) if self.half else nullcontext()


@dataclass(frozen=True, kw_only=True)
class Case:
    """A plugin's phase and its peer.

    Args:
        plugin: its name.
        peer: makes of the plugin's settings, and of how PyTorch runs, a step and the number of weights that
            it trains.
        settings: as of `--set`.
        small: more of them, for a look at whether it runs.
        phase: which of the plugin's, counted from 0.
        promise: PyTorch's time over ours in float32, at least.
        compiles: whether torch.compile can; it knows no gradients of gradients.
        pictures: whether channels may come last.
    """

    plugin: str
    peer: Callable[[Any, Form], tuple[Step, int]]
    settings: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    phase: int = 0
    promise: float = 1.05
    compiles: bool = True
    pictures: bool = True


def count(*networks: nn.Module) -> int:
    """Return how many weights are trained."""
    return sum(weight.numel() for network in networks for weight in network.parameters())
