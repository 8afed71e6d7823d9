"""What lies beside exported models: how a server is to run them, and what each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import filelock
import tensorflow as tf

from gansuite import __version__
from gansuite.config import to_mapping
from gansuite.domain import Endpoint
from gansuite.export.guarding import MOST_ROWS
from gansuite.export.model import served, shapes
from gansuite.export.versions import COMPOSE, MODELS, THREADS, is_name, numbered
from gansuite.files import write_atomically
from gansuite.reporting.records import flattened, read_environment, read_evaluation
from gansuite.training.trained import Trained

CARD = "assets.extra/model-card.md"
_ORIGIN = f"""\
Made by gansuite {__version__} (TensorFlow {tf.__version__}) from a run of plugin `{{plugin}}` after
{{step:,}} steps. float32; running averages of the weights where the run keeps them."""
_ROWS = "The leading axis is the batch. No answer depends on what else is in it, or on what was asked before."
_SEED = "any whole number; the same one gives the same"
_OF_CLASS = "numbers of classes, see Labels; -1 for one of the seed's choice"
_BATCHING = "batching_params.pbtxt"
_LARGEST_BATCH = 64
_MICROSECONDS = 2000
_THREADS = """\
# For --batching_parameters_file: about as many threads as the server has cores.
num_batch_threads { value: 4 }
"""
_OF_MODEL = f"""\
# For --enable_per_model_batching_parameters: requests that come together are answered together, large ones in
# parts.
max_batch_size {{ value: {MOST_ROWS} }}
enable_large_batch_splitting {{ value: true }}
max_execution_batch_size {{ value: {_LARGEST_BATCH} }}
batch_timeout_micros {{ value: {_MICROSECONDS} }}
max_enqueued_batches {{ value: 100 }}
"""
_COMPOSE = """\
# docker compose up serves every model of this folder: REST at port 8501, gRPC at 8500.
services:
  serving:
    image: ${TENSORFLOW_SERVING:-tensorflow/serving:latest}
    ports: ["8500:8500", "8501:8501"]
    volumes: ["./:/models:ro"]
    command:
      - --model_config_file=/models/models.config
      - --model_config_file_poll_wait_seconds=60
      - --enable_batching
      - --enable_per_model_batching_parameters
      - --batching_parameters_file=/models/batching.config
      - --rest_api_timeout_in_ms=600000
"""


def write_in_model(trained: Trained, folder: Path, name: str, differing: Mapping[str, float]) -> None:
    """Write the card of a model into its version, and how requests are batched where all have one shape.

    Args:
        trained: the run that it was made from.
        folder: the version's.
        name: the model's.
        differing: the largest difference from the run of each signature.
    """
    (folder / CARD).parent.mkdir(exist_ok=True)
    write_atomically(folder / CARD, _card(trained, name, differing))
    specs = [spec for one in served(trained).values() for spec in one.inputs.values()]
    if all(None not in spec.shape[1:] for spec in specs):
        write_atomically(folder / _BATCHING, _OF_MODEL)


def write_around(folder: Path) -> None:
    """Write models.config for all models of a folder, and, where they are missing, what starts a server.

    Raises:
        OSError: something could not be written.
    """
    # Of two exports at once, the later one has to know of the other's model.
    with filelock.FileLock(folder / ".models.lock"):
        names = sorted(path.name for path in folder.iterdir() if _is_model(path))
        write_atomically(folder / MODELS, _models(names))
        for name, text in ((THREADS, _THREADS), (COMPOSE, _COMPOSE)):
            if not (folder / name).exists():
                write_atomically(folder / name, text)


def _is_model(folder: Path) -> bool:
    try:
        return is_name(folder.name) and any(
            (path / "saved_model.pb").is_file() for _, path in numbered(folder)
        )
    except OSError:  # somebody else's
        return False


def _models(names: Sequence[str]) -> str:
    entries = "".join(
        f'  config {{ name: "{name}" base_path: "/models/{name}" model_platform: "tensorflow" }}\n'
        for name in names
    )
    return f"model_config_list {{\n{entries}}}\n"


def _card(trained: Trained, name: str, differing: Mapping[str, float]) -> str:
    run = trained.run
    lines = [
        f"# {name}", "", _ORIGIN.format(plugin=run.plugin, step=trained.step), "",
        "## Signatures", "", _ROWS, "",
        "| signature | takes | returns | furthest from the run |", "| --- | --- | --- | --- |",
    ]  # fmt: skip
    meanings = []
    for signature, endpoint in served(trained).items():
        returned = trained.local.compiled(signature).structured_outputs
        takes, gives = _listed(endpoint.inputs), _listed(returned)
        lines.append(f"| `{signature}` | {takes} | {gives} | {differing[signature]:.2g} |")
        names = dict.fromkeys([*endpoint.inputs, *returned])
        meanings += [f"- `{signature}`, {one}" for one in _meanings(signature, endpoint, names)]
    lines += ["", "What the numbers are:", "", *meanings] if meanings else []
    scores = read_evaluation(run.evaluation_file)
    if scores.scores and scores.step == trained.step:
        facts = [fact for fact in scores.facts if "/" not in fact]
        lines += ["", "## Quality", "", f"Measured: {', '.join(facts)}.", ""]
        lines += [f"- {one.name}: {one.value:.4g}. {one.meaning}" for one in scores.scores]
    settings = dict(flattened(to_mapping(trained.domain.config)))
    lines += ["", "## Learned from", "", f"- source: {_name(settings.pop('data.source', 'not known'))}"]
    read = read_environment(run.environment_file).get("data")
    lines += [f"- {key}: {value}" for key, value in _counts(read if isinstance(read, Mapping) else {})]
    if classes := trained.domain.classes():
        known = [f"- {number}: {one}" for number, one in enumerate(run.labels())]
        lines += ["", "## Labels", "", "Classes that can be asked for, by number:", ""]
        lines += known or [f"- 0 to {classes - 1}"]
    lines += ["", "## Settings", "", *(f"- {key}: {_name(value)}" for key, value in settings.items()), ""]
    return "\n".join(lines)


def _meanings(signature: str, endpoint: Endpoint, names: Iterable[str]) -> Iterator[str]:
    known = {"seed": _SEED, **({"labels": _OF_CLASS} if signature == "sample" else {}), **endpoint.meanings}
    return (f"`{name}`: {known[name]}" for name in names if name in known)


def _counts(read: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Walk what a run says of its data, as (dotted path, number): names in it are somebody's own."""
    for key, value in read.items():
        if isinstance(value, Mapping):
            yield from _counts(value, f"{prefix}{key}.")
        elif _is_number(value) or (isinstance(value, list) and value and all(map(_is_number, value))):
            yield f"{prefix}{key}", value
        elif isinstance(value, list) and value and f"{key}_count" not in read:
            yield f"{prefix}{key}", len(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _name(value: str) -> str:
    """Leave of a path its name: the rest tells where it lay on somebody's machine."""
    return Path(value).name if Path(value).is_absolute() or value.startswith((".", "~")) else value


def _listed(specs: Mapping[str, tf.TensorSpec]) -> str:
    return ", ".join(f"`{key}` {text}" for key, text in shapes(specs).items())
