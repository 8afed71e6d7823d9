"""The core's own settings, which every plugin's config class builds on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from gansuite.config import setting

_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """How a player's gradients move its networks."""

    kind: Literal["adam", "rmsprop", "sgd"] = setting("adam", help="The update rule.")
    learning_rate: float = setting(above=0, help="Size of an update.")
    beta_1: float = setting(0.9, minimum=0, below=1, help="Decay of the mean of the gradients (adam).")
    beta_2: float = setting(
        0.999, minimum=0, below=1, help="Decay of the mean of the squared gradients (adam; rho of rmsprop)."
    )
    epsilon: float = setting(1e-7, above=0, help="Keeps a division by zero away (adam, rmsprop).")
    momentum: float = setting(
        0.0, minimum=0, below=1, help="Part of the last update that is kept (rmsprop, sgd)."
    )


Precision: TypeAlias = Literal["float32", "bfloat16", "float64"]


@dataclass(frozen=True, kw_only=True)
class Training:
    """How long, how large, on what and how often to look."""

    steps: int = setting(
        minimum=1, may_change=True, help="Steps to train for; a step is one pass over the players of a phase."
    )
    batch_size: int = setting(64, minimum=1, help="Examples in a batch, over all devices together.")
    seed: int = setting(
        0, minimum=0, maximum=_LARGEST_SEED, help="Decides everything random: the same seed, the same run."
    )
    precision: Precision = setting(
        "float32",
        help="Arithmetic of the layers; with bfloat16 the last layers, losses and weights stay float32. "
        "float64 is slow; it tells rounding from mistakes.",
    )
    strategy: Literal["auto", "one", "mirrored"] = setting(
        "auto",
        may_change=True,
        help="auto takes all GPUs, else the CPU; one takes one device; mirrored divides each batch between "
        "GPUs or, on a machine without one, parts of its CPU.",
    )
    devices: int = setting(
        0,
        minimum=0,
        may_change=True,
        help="How many GPUs to use or, on a machine without one, parts of its CPU; 0 is all there are.",
    )
    average: float = setting(
        0.999,
        minimum=0,
        below=1,
        help="Decay of the running average of the weights, from which samples come; 0: none.",
    )
    report_every: int = setting(50, minimum=1, may_change=True, help="Steps between two reports.")
    sample_every: int = setting(500, minimum=1, may_change=True, help="Steps between two sample sets.")
    checkpoint_every: int = setting(500, minimum=1, may_change=True, help="Steps between two checkpoints.")
    keep: int = setting(3, minimum=1, may_change=True, help="How many of the newest checkpoints to keep.")
