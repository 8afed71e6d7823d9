"""Which arithmetic is the faster one for a run on this machine: found out by trying both."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tensorflow as tf

from gansuite.apart import PYTHON
from gansuite.config import from_mapping, to_mapping
from gansuite.deterministic import keep_order
from gansuite.errors import UsageError
from gansuite.plugin import Plugin
from gansuite.registry import load
from gansuite.settings import Precision, Training
from gansuite.training.compiled import CompiledPhase
from gansuite.training.crew import Crew
from gansuite.training.state import build_state
from gansuite.training.strategy import make_strategy
from gansuite.training.stream import distributed_stream

#: What bfloat16 has to save of a step's time to be worth its rounding.
WORTH = 0.05
_TRIED: tuple[Precision, ...] = ("float32", "bfloat16")
_ROUNDS = 5
_SECONDS_PER_ROUND = 0.5
#: Seconds after which trying is given up.
_PATIENCE = 600.0
#: Words in /proc/cpuinfo of processors that multiply in bfloat16.
_OF_CPU = ("amx_bf16", "avx512_bf16")
#: The first NVIDIA GPUs that do.
_OF_GPU = (8, 0)

_BOOT = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from gansuite.training.calibration import main
main()"""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A precision, and why.

    Attributes:
        precision: float32 or bfloat16.
        reason: for people.
        milliseconds: of a step, by precision; empty where nothing was tried.
    """

    precision: Precision
    reason: str
    milliseconds: Mapping[str, float]

    @property
    def text(self) -> str:
        """The decision and its reason in one line."""
        return f"precision auto takes {self.precision}: {self.reason}"


def decide(plugin: Plugin, config: Any, note: Callable[[str], None]) -> Decision:
    """Choose the precision of a new run.

    Where the device has arithmetic for bfloat16, some steps of the run itself are timed in both, in a process
    of its own, so that nothing of it stays behind.

    Args:
        plugin: the run's.
        config: its settings.
        note: is told what takes a while.

    Raises:
        UsageError: several workers are to train it, which might decide differently.
        DataError: the data cannot be read.
    """
    if config.training.strategy == "multiworker":
        raise UsageError(
            "workers could decide differently", where="training.precision", hint="Choose one for all of them."
        )
    device, able = bfloat16_device()
    if not able:
        return _float32(f"{device} has no arithmetic for bfloat16")
    if tf.config.list_physical_devices("TPU"):
        return _float32(
            "nothing is tried beside a TPU; it has arithmetic for bfloat16, which can be asked for"
        )
    # Whatever time it takes: it counts for neither, and is shown.
    plugin.build_domain(config).examples("train")
    note("trying some steps in float32 and bfloat16")
    try:
        return decided(_tried_apart(plugin, config))
    except subprocess.TimeoutExpired:
        return _float32(f"trying both took more than {_PATIENCE:g} s")
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or [f"exit status {error.returncode}"]
        return _float32(f"bfloat16 could not be tried: {lines[-1]}")
    except (OSError, ValueError) as error:
        return _float32(f"bfloat16 could not be tried: what came of it cannot be read ({error})")


def _tried_apart(plugin: Plugin, config: Any) -> Mapping[str, float]:
    """What `measured` returns in a process of its own, which may print what it likes."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        request = {"plugin": plugin.name, "config": to_mapping(config), "report": str(report)}
        subprocess.run(
            [*PYTHON, "-c", _BOOT, json.dumps(sys.path)], input=json.dumps(request, default=str),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
            timeout=_PATIENCE, check=True,
        )  # fmt: skip
        return {name: float(took) for name, took in json.loads(report.read_text("utf-8")).items()}


def decided(milliseconds: Mapping[str, float]) -> Decision:
    """Choose by how long a step takes in float32 and bfloat16."""
    full, half = (milliseconds[name] for name in _TRIED)
    return Decision(
        precision="bfloat16" if half < (1 - WORTH) * full else "float32",
        reason=f"a step takes {full:.4g} ms in float32 and {half:.4g} ms in bfloat16",
        milliseconds=milliseconds,
    )


def _float32(reason: str) -> Decision:
    return Decision(precision="float32", reason=reason, milliseconds={})


def bfloat16_device() -> tuple[str, bool]:
    """Return what computes here, and whether it multiplies in bfloat16."""
    if tf.config.list_physical_devices("TPU"):
        return "the TPU", True
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        able = all(one.get("compute_capability", (0, 0)) >= _OF_GPU for one in details)
        return details[0].get("device_name", "the GPU"), able
    try:
        words = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        words = set()
    return "this CPU", any(word in words for word in _OF_CPU)


def main() -> None:
    """Time what standard input names, and write the milliseconds of a step by precision to its report."""
    request = json.load(sys.stdin)
    plugin = load(request["plugin"])
    config: Any = from_mapping(plugin.config_class(), request["config"], "calibration")
    Path(request["report"]).write_text(json.dumps(measured(plugin, config)), "utf-8")


def measured(plugin: Plugin, config: Any) -> dict[str, float]:
    """Return the least milliseconds of a step of a run's longest phase, in float32 and bfloat16."""
    keep_order()
    trials = {}
    for precision in _TRIED:
        training: Training = replace(config.training, precision=precision)
        trials[precision] = _Trial(plugin.build_domain(replace(config, training=training)), training)
    times: dict[str, list[float]] = {precision: [] for precision in _TRIED}
    for _ in range(_ROUNDS):
        for precision, trial in trials.items():
            times[precision].append(trial.milliseconds())
    return {precision: min(found) for precision, found in times.items()}


class _Trial:
    """Steps of a run that are played for their time alone."""

    def __init__(self, domain: Any, training: Training) -> None:
        strategy = make_strategy(training, Crew())
        examples = domain.examples("train")
        state = build_state(domain, training, strategy, examples)
        _, first, _, self._compiled = max(state.phases, key=lambda phase: phase[2] - phase[1])
        self._batches = iter(distributed_stream(strategy, examples, training, first_batch=first))
        self._play(1)  # compiles
        self._steps = max(1, int(_SECONDS_PER_ROUND / max(self._play(2) / 2, 1e-6)))

    def milliseconds(self) -> float:
        return 1000 * self._play(self._steps) / self._steps

    def _play(self, steps: int) -> float:
        compiled: CompiledPhase = self._compiled
        begun = time.perf_counter()
        if not compiled.run(self._batches, steps):
            raise ArithmeticError("a loss became infinite")
        return time.perf_counter() - begun
