"""The core's own settings, which every plugin's config class builds on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from gansuite.config import setting
from gansuite.errors import ConfigError

_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How a learning rate changes with the steps of a phase."""

    warm_up: int = setting(0, minimum=0, help="Steps over which the rate grows to its full size.")
    decay: Literal["none", "linear", "cosine", "exponential", "step"] = setting(
        "none", help="How the rate falls from `begin` to `end`; step falls at `begin`, at once."
    )
    begin: int = setting(0, minimum=0, help="Step of the phase with which the decay begins.")
    hold: float = setting(
        0.0, minimum=0, below=1, help="Or the share of the phase after which it begins, instead of `begin`."
    )
    end: int = setting(0, minimum=0, help="Step of the phase with which it ends; 0: the end of the phase.")
    final: float = setting(0.0, minimum=0, maximum=1, help="Share of the rate that is left at the end.")

    def __post_init__(self) -> None:
        if 0 < self.end <= self.begin:
            raise ConfigError(
                f"is not after begin, {self.begin}", where="end", hint="0: the end of the phase"
            )
        if self.hold and self.begin:
            raise ConfigError(f"begin, {self.begin}, says already where the decay begins", where="hold")
        if self.hold and self.end:
            what = f"hold, {self.hold}, is a share of the phase: the decay ends with it"
            raise ConfigError(what, where="end", hint="Set begin instead of hold.")
        if self.decay == "step" and not (self.begin or self.hold):
            raise ConfigError(
                "a step down at step 0 leaves nothing of the rate", where="decay", hint="Set begin or hold."
            )
        if self.decay == "step" and self.end:
            raise ConfigError("a step down has no end", where="end", hint="Leave it 0.")
        if self.decay == "exponential" and not self.final:
            raise ConfigError("an exponential decay never gets to 0", where="final", hint="for example 0.01")


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """How a player's gradients move its networks."""

    kind: Literal["adam", "rmsprop", "sgd"] = setting("adam", help="The update rule.")
    learning_rate: float = setting(above=0, help="Size of an update.")
    beta_1: float = setting(0.9, minimum=0, below=1, help="Decay of the mean of the gradients (adam).")
    beta_2: float = setting(
        0.999, minimum=0, below=1, help="Decay of the mean of the squared gradients (adam; rho of rmsprop)."
    )
    epsilon: float = setting(
        1e-7, above=0, help="Added to the root of the mean of the squared gradients (adam, rmsprop)."
    )
    momentum: float = setting(
        0.0, minimum=0, below=1, help="Part of the last update that is kept (rmsprop, sgd)."
    )
    clip_norm: float = setting(
        0.0,
        minimum=0,
        help="Largest norm of the gradient, of all the weights together; a longer one is shortened; 0: none.",
    )
    schedule: Schedule = setting(Schedule(), help="How the learning rate changes.")

    def __post_init__(self) -> None:
        if self.momentum and self.kind == "adam":
            hint = "Set beta_1, or kind=rmsprop or sgd."
            raise ConfigError("adam keeps part of the last updates by beta_1", where="momentum", hint=hint)


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """How the weight of a loss term changes with the steps of a run."""

    term: str = setting(help="The term as metrics call it: player/term.")
    begin: int = setting(0, minimum=0, help="The last step with the factor `start`.")
    end: int = setting(minimum=1, help="The first step with the factor `finish`; between them it is linear.")
    start: float = setting(0.0, minimum=0, help="What the term's weight is multiplied by until `begin`.")
    finish: float = setting(1.0, minimum=0, help="What the term's weight is multiplied by from `end` on.")

    def __post_init__(self) -> None:
        if self.end <= self.begin:
            raise ConfigError(f"is not after begin, {self.begin}", where="end")


Strategy: TypeAlias = Literal["auto", "one", "mirrored", "multiworker"]
Precision: TypeAlias = Literal["auto", "float32", "bfloat16", "float64"]
_SERVERS = "its workers do not wait for each other, so no run could be repeated; use multiworker"
_HALF = "scaling its losses lets an infinity of one device into the weights of all; use bfloat16"


@dataclass(frozen=True, kw_only=True)
class Training:
    """How long, how large, on what and how often to look."""

    steps: int = setting(
        minimum=1, may_change=True, help="Steps to train for; a step is one pass over the players of a phase."
    )
    batch_size: int = setting(64, minimum=1, help="Examples in a batch, over all devices together.")
    accumulate: int = setting(
        1,
        minimum=1,
        help="Parts that a device plays its share of a batch in, one after the other, before a player moves: "
        "takes less memory. The gradients are the same, but batch statistics are those of a part.",
    )
    ramps: tuple[Ramp, ...] = setting((), help="Loss terms whose weights change.")
    seed: int = setting(
        0, minimum=0, maximum=_LARGEST_SEED, help="Decides everything random: the same seed, the same run."
    )
    precision: Precision = setting(
        "float32",
        refused={"float16": _HALF, "mixed_float16": _HALF},
        help="Arithmetic of the layers; with bfloat16 what networks answer, losses and weights stay float32. "
        "auto tries float32 and bfloat16 where the device has both, and takes the faster. float64 is slow; "
        "it tells rounding from mistakes.",
    )
    xla: bool = setting(
        False,
        help="Compile losses and gradients with XLA: it takes longer to start; whether it is faster depends "
        "on the device and the networks.",
    )
    strategy: Strategy = setting(
        "auto",
        may_change=True,
        refused={"parameter-server": _SERVERS, "parameterserver": _SERVERS},
        help="auto takes a TPU, or as many GPUs as can share a batch evenly, else the CPU; one takes one "
        "device; mirrored divides each batch between GPUs or, on a machine without one, parts of its CPU; "
        "multiworker between the GPUs or CPUs of several processes, which TF_CONFIG or Slurm name.",
    )
    connect_minutes: float = setting(
        5.0, above=0, may_change=True, help="Minutes to wait for the other workers at the start."
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
        help="Decay of the running average of the weights, from which samples come; 0: none is kept.",
    )
    report_every: int = setting(50, minimum=1, may_change=True, help="Steps between two reports.")
    sample_every: int = setting(500, minimum=1, may_change=True, help="Steps between two sample sets.")
    checkpoint_every: int = setting(500, minimum=1, may_change=True, help="Steps between two checkpoints.")
    checkpoint_minutes: float = setting(
        10.0,
        minimum=0,
        may_change=True,
        help="Minutes between two checkpoints at most; 0: steps alone count.",
    )
    keep: int = setting(3, minimum=1, may_change=True, help="How many of the newest checkpoints to keep.")
    evaluate_every: int = setting(
        0,
        minimum=0,
        may_change=True,
        help="Steps between two evaluations, which take time from training; 0: none.",
    )
    evaluate_count: int = setting(
        1000, minimum=1, may_change=True, help="How many outputs an evaluation judges."
    )
    best: str = setting(
        "",
        may_change=True,
        help="A figure of the evaluations: the checkpoint that is best by it is kept beside the newest.",
    )
    metrics: tuple[str, ...] = setting(
        (),
        may_change=True,
        help="Metrics that installed packages bring along, which judge beside a plugin's own, in `gansuite "
        "evaluate` too.",
    )

    def __post_init__(self) -> None:
        ramped = [ramp.term for ramp in self.ramps]
        for term in ramped:
            if ramped.count(term) > 1:
                raise ConfigError(f"two of them are of the term {term!r}", where="ramps")
        if self.best and not self.evaluate_every:
            raise ConfigError(
                "nothing is evaluated during training", where="best", hint="Set training.evaluate_every too."
            )
